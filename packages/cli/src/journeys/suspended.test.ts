import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { helloTemplate, type FakeEngine } from "@molecule/testkit";
import { bin, noEngine, openWorld, type Env, type World } from "./command-world.test.support.js";
import {
  describeWithTerminal,
  openTerminal,
  openTerminalOf,
  type TerminalSession,
} from "./terminal-session.test.support.js";
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
  });
  afterEach(async () => {
    await terminal.close();
    await world.close();
    await engine.stop();
  });

  const size = { columns: 80, rows: 24 };
  // Ctrl-Z cannot be noticed in the moment in which git starts.
  const gitRuns = /^codex {3}checkout {2}[1-9]/m;
  // Without a platform, a warning says that the build is emulated.
  const environment = (): Env => ({ DOCKER_HOST: engine.address, MOLECULE_IMAGE_PLATFORM: "native" });
  const open = async (): Promise<void> => {
    terminal = await openTerminal(world, ["ensure", "hermes", "codex"], size, environment());
    await terminal.shows(gitRuns);
  };
  // The shell of the session resumes the command immediately.
  const picture = [expect.stringMatching(/^hermes {2}checkout/), expect.stringMatching(/^codex {3}checkout/)];

  test("leaves no frame behind, and fg shows one below the shell's output", async () => {
    await open();
    await terminal.press("C-z");
    expect(await terminal.shows(/stopped\nhermes {2}checkout.*\ncodex {3}checkout/)).toEqual([
      "before",
      "stopped",
      ...picture,
    ]);
  });

  test("leaves none if the terminal becomes smaller afterwards", async () => {
    await open();
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
    await open();
    await terminal.press("C-z");
    await terminal.shows(/stopped\nhermes {2}checkout/);
    await terminal.press("C-c");
    expect((await terminal.shows(/status=/)).slice(2)).toEqual([
      "molecule-image: cancelled by SIGINT [CANCELLED]",
      "status=130",
    ]);
  });

  test("leaves a clean prompt; in the background, it may write only when the shell allows it", async () => {
    const shell = ["bash", "--norc", "--noprofile", "-i"];
    terminal = await openTerminalOf(
      world,
      shell,
      { columns: 200, rows: 24 },
      { ...environment(), PS1: "$ " },
    );
    await terminal.type(`alias start='${bin} ensure hermes codex'; set -b; stty tostop; clear\n`);
    await terminal.type("start\n");
    await terminal.shows(gitRuns);
    await terminal.press("C-z");
    const stopped = ["$ start", "", expect.stringMatching(/^\[1\]\+ {2}Stopped/), "$"];
    expect(await terminal.shows(/Stopped.*\n\$$/)).toEqual(stopped);
    expect(await terminal.fact("cursor_flag")).toBe("1");

    // It stops again as soon as it draws, and fg shows one picture.
    await terminal.type("bg\n");
    await terminal.shows(/Stopped.*\n\$ bg\n[^]*Stopped/);
    await terminal.type("clear; fg\n");
    await terminal.shows(/^codex {3}checkout/m);
    await terminal.press("C-c");
    await terminal.shows(/^molecule-image: cancelled by SIGINT/m);
    await terminal.type("echo status=$?\n");
    await terminal.shows(/^status=130$/m);
  });
});
