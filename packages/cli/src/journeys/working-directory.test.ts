import { chmod, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { noEngine, openWorld, type World } from "./command-world.test.support.js";
import { runShell } from "./shell.test.support.js";

let world: World;
beforeEach(async () => {
  world = await openWorld(noEngine);
});
afterEach(() => world.close());

const removed = 'mkdir gone && cd gone && rmdir ../gone && "$@"';

test.each([["--version"], ["--help"], ["run", "--help"], ["completion", "bash"], ["config", "--cwd", "/"]])(
  "in a removed directory, %s %s works",
  async (...args) => {
    const { status, stdout, stderr } = await runShell(world, removed, args);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).not.toBe("");
  },
);

test.each([["config"], ["plan", "hermes"], ["ensure", "hermes"], ["list"], ["doctor"], ["trust"], ["prune"]])(
  "in a removed directory, %s reports it",
  async (...args) => {
    const { status, stderr } = await runShell(world, removed, args);
    expect(status).toBe(2);
    expect(stderr).toBe(
      "molecule-image: the working directory no longer exists [CONFIG_INVALID]\n" +
        "  hint: Change to a directory that exists, then retry.\n",
    );
  },
);

const whereRoot = process.getuid?.() === 0 ? describe : describe.skip;
whereRoot("in a directory that this user may not enter", () => {
  // root opens the directory for the shell, which then switches to another user.
  const script = 'exec setpriv --reuid 65534 --regid 65534 --clear-groups "$@"';
  const env = { MOLECULE_LOCAL_BUILD_CACHE: "/tmp/never-made" };
  let closed: string;
  beforeEach(async () => {
    closed = join(world.cwd, "closed");
    await mkdir(join(closed, "inner"), { recursive: true });
    await chmod(closed, 0o700);
    await chmod(join(world.cwd, ".."), 0o755);
  });

  test("reports it in the error and the hint", async () => {
    const cwd = join(closed, "inner");
    const { status, stdout } = await runShell(world, script, ["plan", "hermes", "--json"], { cwd, env });
    expect([status, JSON.parse(stdout)]).toMatchObject([
      2,
      {
        error: {
          code: "CONFIG_INVALID",
          message: `cannot use the working directory ${cwd}: permission denied`,
          hint: "Change to a directory that this user may enter, or pass one with --cwd.",
        },
      },
    ]);
  });

  test.each(["closed", "closed/inner"])("doctor can start its programs (%s)", async (directory) => {
    const { stdout, stderr } = await runShell(world, script, ["doctor"], {
      cwd: join(world.cwd, directory),
      env,
    });
    expect(stdout).toMatch(/git/);
    expect(stdout + stderr).not.toMatch(/a bug|EACCES/);
  });
});

test.each([
  ["HOME", { HOME: "", XDG_CACHE_HOME: "", MOLECULE_LOCAL_BUILD_CACHE: "" }],
  ["a relative HOME", { HOME: "here", XDG_CACHE_HOME: "cache", MOLECULE_LOCAL_BUILD_CACHE: undefined }],
])("without %s, does not look in the working directory for the user's files", async (_what, env) => {
  const { answer } = await world.json(["config"], env);
  const cacheDir = answer.values?.find(({ path }) => path === "cacheDir")?.value;
  expect(cacheDir).toMatch(/^\//);
  expect(cacheDir).not.toContain(world.cwd);
});
