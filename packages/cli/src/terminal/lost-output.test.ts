import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { helloTemplate, type FakeEngine } from "@molecule/testkit";
import { noEngine, openWorld, type World } from "../journeys/command-world.test.support.js";
import { runShell } from "../journeys/shell.test.support.js";
import { startEmptyEngine } from "../journeys/waiting.test.support.js";

let world: World;
beforeAll(async () => {
  world = await openWorld(noEngine);
});
afterAll(() => world.close());

const commands = [
  ["--version"],
  ["--help"],
  ["run", "--help"],
  ["config"],
  ["config", "--json"],
  ["sources"],
  ["completion", "bash"],
  ["doctor"],
  ["plan", "no-such-runtime", "--json"],
];

describe.each(commands.map((args) => [args.join(" "), args] as const))("molecule-image %s", (_name, args) => {
  test("fails with an error on a full disk", async () => {
    const { status, stderr } = await runShell(world, '"$@" >/dev/full', args);
    expect(status).toBe(4);
    expect(stderr).toMatch(
      /^molecule-image: cannot write to stdout: no space left on device \[STORAGE_UNUSABLE\]$/m,
    );
    expect(stderr).not.toContain("    at ");
  });

  test("fails with status 1 and one line if the pipe's reader is gone", async () => {
    // The reader is gone before the command writes.
    const script = 'exec 3> >(exec true); wait $!; "$@" >&3';
    const { status, stderr } = await runShell(world, script, args);
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: "molecule-image: cannot write to stdout: broken pipe\n",
    });
  });

  test("fails with status 1 if stdout and stderr lose their readers, or are closed from the start", async () => {
    const script = 'exec 3> >(exec true); wait $!; "$@" >&3 2>&3; echo $?; "$@" >&- 2>&- <&-; echo $?';
    const { stdout } = await runShell(world, script, args);
    expect(stdout).toMatch(/^1\n[0-4]\n$/);
  });
});

test("an unwritable log does not fail a successful command", async () => {
  const { status, stdout } = await runShell(world, '"$@" 2>/dev/full', ["config", "--log-level", "debug"]);
  expect({ status, stdout }).toMatchObject({ status: 0, stdout: expect.stringContaining("platform = ") });
});

describe("with DEBUG and NODE_DEBUG, stdout has only the result:", () => {
  let engine: FakeEngine;
  beforeAll(async () => {
    engine = await startEmptyEngine();
    await world.forge.addTemplate("hermes", helloTemplate());
  });
  afterAll(() => engine.stop());

  test.each(["config", "sources", "plan", "ensure", "list", "doctor", "prune"])("%s", async (command) => {
    const args = [command, ...(command === "plan" || command === "ensure" ? ["hermes"] : [])];
    const { stdout, stderr } = await world.run([...args, "--json", "--log-level", "debug"], {
      DOCKER_HOST: engine.address,
      // Not a directory: no lock can be created, which is logged.
      MOLECULE_LOCAL_BUILD_CACHE: "/dev/null/cache",
      DEBUG: "*",
      NODE_DEBUG: "*",
      DIAGNOSTICS: "*",
    });
    expect(stdout).toMatch(/^\{.*\}\n$/);
    expect(JSON.parse(stdout)).toBeInstanceOf(Object);
    if (command === "ensure") expect(stderr).toContain("winston:create-logger");
  });
});
