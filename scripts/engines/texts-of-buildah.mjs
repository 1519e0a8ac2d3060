// Collects the messages of the program buildah.
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildFaults, buildFiles, runtimeFaults } from "./build-faults.mjs";
import { dockerfileOf } from "./texts-of-engine.mjs";

export async function describeBuildah(engine) {
  const { stdout } = await run(engine, ["--version"]);
  const [, version] = /version (\S+)/.exec(stdout);
  const base = await imageToPush(engine);
  return { ...engine, version, base, ways: ["pull", "from", "copy", "push"] };
}

async function imageToPush(engine) {
  const { stdout } = await run(engine, ["from", "scratch"]);
  const container = stdout.trim();
  const { stdout: id } = await run(engine, ["commit", "--quiet", "--rm", container]);
  return id.trim();
}

const authsOf = {
  password: { auth: Buffer.from("somebody:not-the-password").toString("base64") },
  "identity-token": {
    auth: Buffer.from("<token>:").toString("base64"),
    identitytoken: "not-an-identity-token",
  },
};

export async function askBuildah(engine, { fault, way, reference, credentials, signal }) {
  const directory = await mkdtemp(join(engine.directory ?? tmpdir(), "texts-"));
  try {
    const auths =
      credentials === undefined ? {} : { [reference.slice(0, reference.indexOf("/"))]: authsOf[credentials] };
    const authFile = join(directory, "auth.json");
    await writeFile(authFile, JSON.stringify({ auths }));
    const more = [`--authfile=${authFile}`];
    for (const [name, content] of Object.entries(buildFiles))
      await writeFile(join(directory, name), content, { mode: 0o755 });
    const dockerfile =
      way === "build" ? { ...buildFaults, ...runtimeFaults }[fault] : dockerfileOf(way, reference);
    await writeFile(join(directory, "Dockerfile"), dockerfile);
    const target = fault === "target-unknown" ? ["--target=nosuchstage"] : [];
    const args = {
      pull: [
        "pull",
        "--quiet",
        "--policy=always",
        "--platform=linux/amd64",
        ...more,
        `docker://${reference}`,
      ],
      push: ["push", "--quiet", ...more, engine.base, `docker://${reference}`],
      from: [
        "build",
        "--layers",
        "--force-rm",
        "--format=docker",
        "--platform=linux/amd64",
        "--pull=missing",
        ...target,
        ...more,
        directory,
      ],
    };
    const { code, stderr, stdout } = await run(engine, args[way] ?? args.from, signal);
    if (code === 0) return { outcome: "success" };
    if (signal.aborted) return { outcome: "no end" };
    const output = stderr.trim().split("\n").slice(-6).join("\n");
    const steps = `${stdout}\n${stderr}`.match(/^(?:\[\d+\/\d+\] )?STEP .*$/gm) ?? [];
    const text = stderr.trim().slice(stderr.trim().lastIndexOf("Error: "));
    return {
      outcome: "failure",
      code,
      step: steps.at(-1),
      text,
      output: way === "build" ? output : undefined,
    };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function run({ command, env }, args, signal) {
  const [program, ...before] = command;
  return new Promise((resolve) => {
    execFile(
      program,
      [...before, ...args],
      { env: { ...env, PATH: process.env.PATH }, signal },
      (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : (error.code ?? 1), stdout, stderr });
      },
    );
  });
}
