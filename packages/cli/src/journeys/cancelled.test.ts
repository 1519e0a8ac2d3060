import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { helloTemplate, type FakeEngine } from "@molecule/testkit";
import { noEngine, openWorld, type World } from "./command-world.test.support.js";
import { describeWithTerminal, openTerminal, type TerminalSession } from "./terminal-session.test.support.js";
import { startEmptyEngine, until } from "./waiting.test.support.js";

let world: World;
let engine: FakeEngine;
beforeEach(async () => {
  engine = await startEmptyEngine();
  world = await openWorld(noEngine);
  for (const runtime of ["hermes", "codex"]) await world.forge.addTemplate(runtime, helloTemplate());
});
afterEach(async () => {
  await world.close();
  await engine.stop();
});

describe("a cancelled command prints one line:", () => {
  test.each([
    [["plan", "hermes", "codex"]],
    [["ensure", "hermes", "codex"]],
    [["run", "hermes"]],
    [["watch", "hermes", "codex"]],
    [["doctor", "hermes"]],
  ])("%j while the forge does not respond", async (args) => {
    world.forge.fault("api", { hang: true });
    const running = world.start(args, { DOCKER_HOST: engine.address });
    await until(() => world.forge.apiRequests().length > 0);
    running.child.kill("SIGINT");
    expect(await running.done).toMatchObject({
      status: 130,
      stdout: "",
      stderr: "molecule-image: cancelled by SIGINT [CANCELLED]\n",
    });
  });

  test("ensure while git fetches", async () => {
    world.forge.fault("git", { hang: true });
    const args = ["ensure", "hermes", "--progress", "plain"];
    const running = world.start(args, { DOCKER_HOST: engine.address });
    await until(() => world.forge.gitRequests().length > 0);
    running.child.kill("SIGTERM");
    const { status, stderr } = await running.done;
    expect(status).toBe(143);
    // The lines before report what has started.
    expect(stderr).not.toContain("failed after");
    expect(stderr).toMatch(
      /(?:^\S+ hermes: [^\n]+\n)*^molecule-image: cancelled by SIGTERM \[CANCELLED\]\n$/m,
    );
  });

  test("none with --json, where the result reports it", async () => {
    world.forge.fault("api", { hang: true });
    const running = world.start(["plan", "hermes", "--json"], { DOCKER_HOST: engine.address });
    await until(() => world.forge.apiRequests().length > 0);
    running.child.kill("SIGINT");
    const { stdout, stderr } = await running.done;
    expect(stderr).toBe("");
    expect(JSON.parse(stdout)).toMatchObject({ results: [{ ok: false, error: { code: "CANCELLED" } }] });
  });
});

describeWithTerminal({ describe, test }, "Ctrl-C in a terminal", () => {
  let terminal: TerminalSession;
  afterEach(() => terminal.close());

  test.each([[["ensure", "hermes", "codex"]], [["watch", "hermes", "codex"]]])(
    "replaces the display of %j by one line",
    async (args) => {
      world.forge.fault("git", { hang: true });
      // Else a warning says that the build is emulated.
      const env = { DOCKER_HOST: engine.address, MOLECULE_IMAGE_PLATFORM: "native" };
      terminal = await openTerminal(world, args, { columns: 80, rows: 24 }, env);
      await terminal.shows(
        /^hermes {2}checkout[^]*^codex {3}checkout|^codex {3}checkout[^]*^hermes {2}checkout/m,
      );
      await terminal.press("C-c");
      const after = await terminal.shows(/status=/);
      expect(after).toEqual(["before", "molecule-image: cancelled by SIGINT [CANCELLED]", "status=130"]);
    },
  );
});
