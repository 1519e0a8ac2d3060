// Stores V8's code cache for the command next to its bundle: runs `ensure` for two images that exist, one looked up by the
// API of Gitea and one with git, against a forge and an engine that send minimal responses, and saves the compiled code.
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { root } from "./pnpm.mjs";

const starter = join(root, "packages", "cli", "bin", "molecule-image");
const compiled = join(root, "packages", "cli", "bundle", "main.cjs.compiled");
// Otherwise the command would start from it, and the new one would contain whatever the old one did.
rmSync(compiled, { force: true });
const home = mkdtempSync(join(tmpdir(), "molecule-compile-"));
process.on("exit", () => {
  rmSync(home, { recursive: true, force: true });
});
const socketPath = join(home, "engine.sock");
const commit = "1".repeat(40);
/** The images of the engine, in the form of its API, by runtime. */
const images = new Map();

const listening = (server, where) => new Promise((resolve) => server.listen(where, resolve));
const forge = createServer(({ url }, response) => {
  const isGit = url.includes("/info/refs");
  response.setHeader(
    "content-type",
    isGit ? "application/x-git-upload-pack-advertisement" : "application/json",
  );
  response.end(isGit ? advertisement() : JSON.stringify({ name: "main", commit: { id: commit } }));
});
const engine = createServer(({ url }, response) => {
  const image = [...images].find(([runtime]) => url.includes(`-${runtime}`))?.[1];
  const headers = { "content-type": "application/json", server: "Docker/0 (linux)" };
  response.writeHead(image === undefined ? 404 : 200, headers);
  response.end(JSON.stringify(image ?? { message: "No such image" }));
});
await listening(forge, { host: "127.0.0.1", port: 0 });
await listening(engine, { path: socketPath });

const prefix = `http://127.0.0.1:${forge.address().port}/any/template-`;
const env = {
  PATH: process.env.PATH,
  HOME: home,
  DOCKER_HOST: `unix://${socketPath}`,
  MOLECULE_LOCAL_TEMPLATE_REPO_PREFIX: prefix,
};
const config = join(home, "molecule.json");
writeFileSync(
  config,
  JSON.stringify({ options: { "gitea-local-build": { templates: { codex: { forge: "git" } } } } }),
);
await planImages(["hermes", "codex"]);

process.env = env;
process.chdir(home);
process.argv = [
  process.execPath,
  starter,
  "ensure",
  ...images.keys(),
  "--config",
  config,
  "--progress",
  "none",
];
process.stdout.write = (_text, ...rest) => {
  rest.find((argument) => typeof argument === "function")?.();
  return true;
};
const { start } = createRequire(starter)("./start.cjs");
const script = start();
// The command exits the process itself.
process.on("exit", (status) => {
  if (status === 0) writeFileSync(compiled, script.createCachedData());
});

/** Fills the engine with the images that `ensure` looks for, according to `plan`. */
async function planImages(runtimes) {
  const args = [starter, "plan", ...runtimes, "--config", config, "--json"];
  // On a machine without git, only the first can be planned, and the command fails.
  const { stdout } = await promisify(execFile)(process.execPath, args, { env, cwd: home }).catch(
    (failure) => failure,
  );
  for (const { runtime, image } of JSON.parse(stdout).results)
    if (image) images.set(runtime, imageOf(runtime, image));
  if (images.size === 0) throw new Error(`no image could be planned: ${stdout}`);
}

function imageOf(runtime, { reference, platform, buildKey }) {
  const [Os, Architecture, Variant] = platform.split("/");
  return {
    Id: `sha256:${"2".repeat(64)}`,
    RepoTags: [reference, reference.replace(/:.*/, ":latest")],
    Config: {
      Labels: {
        "org.opencontainers.image.revision": commit,
        "org.opencontainers.image.source": `${prefix}${runtime}`,
        "molecule.image.runtime": runtime,
        "molecule.image.build-key": buildKey,
      },
    },
    Os,
    Architecture,
    Variant,
  };
}

/** Returns the list of refs that a git server sends. */
function advertisement() {
  const line = (text) => (text.length + 4).toString(16).padStart(4, "0") + text;
  const head = `${commit} HEAD\0symref=HEAD:refs/heads/main\n`;
  return `${line("# service=git-upload-pack\n")}0000${line(head)}${line(`${commit} refs/heads/main\n`)}0000`;
}
