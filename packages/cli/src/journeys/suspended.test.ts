import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { helloTemplate, type FakeEngine } from "@molecule/testkit";
import { noEngine, openWorld, type World } from "./command-world.test.support.js";
import { describeWithTerminal, openTerminal, type TerminalSession } from "./terminal-session.test.support.js";
import { startEmptyEngine } from "./waiting.test.support.js";

describeWithTerminal({ describe, test }, "Ctrl-Z during progress", () => {
  let world: World;
  let engine: FakeEngine;
  let terminal: TerminalSession;
  beforeEach(async () => {
    engine = await startEmptyEngine();
    world = await openWorld(noEngine);
    for (const runtime of ["hermes", "codex"]) await world.forge.addTemplate(runtime, helloTemplate());
    world.forge.fault("git", { hang: true });
    // Else a warning says that the build is emulated.
    const env = { DOCKER_HOST: engine.address, MOLECULE_IMAGE_PLATFORM: "native" };
    const size = { columns: 80, rows: 24 };
    terminal = await openTerminal(world, ["ensure", "hermes", "codex"], size, env);
    await terminal.shows(/^hermes {2}checkout.*\ncodex {3}checkout/m);
  });
  afterEach(async () => {
    await terminal.close();
    await world.close();
    await engine.stop();
  });

  // The shell of the session resumes the command at once.
  const picture = [expect.stringMatching(/^hermes {2}checkout/), expect.stringMatching(/^codex {3}checkout/)];

  test("leaves no frame behind, and fg shows one below the shell's output", async () => {
    await terminal.press("C-z");
    expect(await terminal.shows(/stopped\nhermes {2}checkout.*\ncodex {3}checkout/)).toEqual([
      "before",
      "stopped",
      ...picture,
    ]);
  });

  test("leaves none if the terminal becomes smaller afterwards", async () => {
    await terminal.press("C-z");
    await terminal.shows(/stopped\nhermes {2}checkout/);
    await terminal.resize({ columns: 60, rows: 12 });
    const seconds = / {2}(\d+) s {2}/.exec((await terminal.screen()).join("\n"))?.[1] ?? "";
    await terminal.shows(new RegExp(`^hermes {2}checkout {2}(?!${seconds} )\\d+ s`, "m"));
    expect((await terminal.everything()).filter((line) => line !== "")).toEqual([
      "before",
      "stopped",
      ...picture,
    ]);
  });

  test("can be followed by Ctrl-C", async () => {
    await terminal.press("C-z");
    await terminal.shows(/stopped\nhermes {2}checkout/);
    await terminal.press("C-c");
    expect((await terminal.shows(/status=/)).slice(2)).toEqual([
      "molecule-image: cancelled by SIGINT [CANCELLED]",
      "status=130",
    ]);
  });
});
