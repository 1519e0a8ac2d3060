import { existsSync } from "node:fs";
import { chmod, readFile, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { helloTemplate, type FakeEngine } from "@molecule/testkit";
import { openWorld, type World } from "./command-world.test.support.js";
import { startEmptyEngine } from "./waiting.test.support.js";

/*
 * The built command in a working directory with hostile files, and with hostile addresses. The engine reports no image,
 * so that git runs next.
 */

const usualPath = `${dirname(process.execPath)}:/usr/bin:/bin`;
let world: World;
let engine: FakeEngine;

beforeEach(async () => {
  engine = await startEmptyEngine();
  world = await openWorld(engine.address);
});
afterEach(async () => {
  await world.close();
  await engine.stop();
});

/**
 * Writes a program that records its arguments in the file `name.ran` of the working directory and exits with status 0.
 */
async function writeProgram(path: string, then = "exit 0"): Promise<void> {
  const file = await world.write(path, `#!/bin/sh\nprintf '%s\\n' "$*" >>'${world.cwd}/ran'\n${then}\n`);
  await chmod(file, 0o755);
}

const hasRun = (): boolean => existsSync(join(world.cwd, "ran"));

describe("code in the working directory", () => {
  const esm = (ran: string): string =>
    `import { writeFileSync } from "node:fs"; writeFileSync(${JSON.stringify(ran)}, "");\nexport default {};\n`;
  const cjs = (ran: string): string =>
    `require("node:fs").writeFileSync(${JSON.stringify(ran)}, ""); module.exports = {};\n`;
  const names = ["js", "cjs", "mjs", "ts"].flatMap((extension) =>
    [".moleculerc", "molecule.config", ".config/moleculerc", ".config/config"].map(
      (name) => `${name}.${extension}`,
    ),
  );
  const packages = [
    "cosmiconfig",
    "winston",
    "@molecule/source-podman",
    "molecule-plugin-podman",
    "tsyringe",
  ];

  test("is never run by a command, whatever its name", async () => {
    const ran = join(world.cwd, "ran");
    for (const folder of ["", "deep/", "deep/er/"]) {
      for (const name of names)
        await world.write(`${folder}${name}`, name.endsWith(".mjs") ? esm(ran) : cjs(ran));
      for (const name of packages) {
        await world.write(`${folder}node_modules/${name}/package.json`, '{"main":"x.cjs"}');
        await world.write(`${folder}node_modules/${name}/x.cjs`, cjs(ran));
      }
    }
    for (const args of [
      ["--help"],
      ["--version"],
      ["config"],
      ["sources"],
      ["plan", "hermes"],
      ["ensure", "hermes"],
      ["run", "hermes"],
      ["list"],
      ["trust"],
    ]) {
      await world.run(args);
      await world.run([...args, "--cwd", "deep/er"]);
    }
    expect(hasRun()).toBe(false);
  });

  test.each(["git", "setsid", "docker"])("is not run as %s, even if PATH leads to it", async (program) => {
    await world.forge.addTemplate("hermes", helloTemplate());
    await writeProgram(program);
    await writeProgram(`bin/${program}`);
    const before = [".", "", "bin", "../bin", world.cwd].join(":");

    await world.run(["ensure", "hermes"], { PATH: `${before}:${usualPath}` });

    expect(hasRun()).toBe(false);
    expect(world.forge.gitRequests().length).toBeGreaterThan(0);
  });

  test("does not stand in for a missing git", async () => {
    await world.forge.addTemplate("hermes", helloTemplate());
    await writeProgram("git");
    // Only what the command itself starts.
    const tools = dirname(await world.write("../tools/empty", ""));
    await symlink(process.execPath, join(tools, "node"));
    const PATH = `${tools}:.:${world.cwd}`;

    const { status, answer } = await world.json(["ensure", "hermes"], { PATH });

    expect([status, answer.results?.[0]?.error?.code]).toEqual([4, "TOOL_MISSING"]);
    expect(hasRun()).toBe(false);
  });
});

describe("arguments of git", () => {
  beforeEach(async () => {
    await world.forge.addTemplate("hermes", helloTemplate());
    await writeProgram("../tools/git", 'exec /usr/bin/git "$@"');
  });
  const env = (): Readonly<Record<string, string>> => ({ PATH: `${dirname(world.cwd)}/tools:${usualPath}` });

  test.each([
    "--upload-pack=touch /tmp/pwn",
    "-oProxyCommand=touch",
    'ext::sh -c "touch pwn"',
    "file:///etc/org/x",
    "/etc/org/x",
    "ssh://-oProxyCommand=touch/org/x",
    "git@127.0.0.1:org/x",
    "http://127.0.0.1/%0ahost=evil/x",
  ])("exclude the prefix %j: git does not start", async (prefix) => {
    const { status, answer } = await world.json(["ensure", "hermes"], {
      ...env(),
      MOLECULE_LOCAL_TEMPLATE_REPO_PREFIX: prefix,
    });

    expect([status, answer.results?.[0]?.error?.code]).toEqual([2, "CONFIG_INVALID"]);
    expect(hasRun()).toBe(false);
  });

  test.each(["--upload-pack=touch /tmp/pwn", "--upload-pack=".padEnd(40, "a"), "HEAD", "main", ""])(
    "exclude the commit %j: git does not start",
    async (id) => {
      world.forge.setApiCommitId("hermes", id);

      const { status, answer } = await world.json(["ensure", "hermes"], env());

      expect([status, answer.results?.[0]?.error?.code]).toEqual([3, "SOURCE_MALFORMED"]);
      expect(hasRun()).toBe(false);
    },
  );

  test.each(["--upload-pack=touch", "-x", "../hermes", "hermes\n--upload-pack=touch"])(
    "exclude the runtime %j: no server is contacted",
    async (runtime) => {
      const { status, answer } = await world.json(["ensure", "--", runtime], env());

      expect([status, answer.results?.[0]?.error?.code]).toEqual([2, "RUNTIME_UNKNOWN"]);
      expect(hasRun()).toBe(false);
      expect(world.forge.requests).toEqual([]);
      expect(engine.requests).toEqual([]);
    },
  );

  test("are only a validated address and a validated commit", async () => {
    await world.json(["ensure", "hermes"], env());

    const ran = await readFile(join(world.cwd, "ran"), "utf8");
    expect(ran).toMatch(
      new RegExp(
        `^fetch .* -- ${world.forge.repoPrefix()}hermes\\.git \\+([0-9a-f]{40}):refs/commits/\\1$`,
        "m",
      ),
    );
  });
});
