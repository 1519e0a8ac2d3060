import { randomBytes } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { describeWithEngine } from "@molecule/test-fixtures";
import { helloTemplate } from "@molecule/testkit";
import { openWorld, templateWith, type Env, type World } from "./command-world.test.support.js";
import {
  describeWithTerminal,
  openTerminal,
  type Size,
  type TerminalSession,
} from "./terminal-session.test.support.js";

/** A template whose build prints a line five times a second, and ends with these commands. */
const talking = (lines: number, end = "true", text = "line"): ReturnType<typeof templateWith> => {
  const once = randomBytes(4).toString("hex");
  const loop = `i=0; while [ $i -lt ${String(lines)} ]; do i=$((i+1)); echo "${text}-$i."; sleep 0.2; done`;
  return templateWith(`RUN : ${once}; ${loop}; ${end}`);
};

describeWithEngine({ describe, test }, "progress in a terminal", ({ address }) => {
  describeWithTerminal({ describe, test }, "of a user", () => {
    let world: World;
    let opened: TerminalSession | undefined;
    beforeEach(async () => {
      world = await openWorld(address);
    });
    afterEach(async () => {
      await opened?.close();
      opened = undefined;
      await world.close();
    });

    const open = async (
      args: readonly string[],
      size: Size = { columns: 100, rows: 24 },
      env: Env = {},
    ): Promise<TerminalSession> => {
      opened = await openTerminal(world, args, size, env);
      return opened;
    };
    const reference = (runtime: string): string => `molecule-local/workspace-template-${runtime}:`;
    const withoutReferences = (lines: readonly string[]): string[] =>
      lines.map((line) => line.replace(/(molecule-local\/\S+:)\S+/, "$1…"));

    test("shows step, time, build step and last lines of one runtime, and folds them at the end", async () => {
      await world.forge.addTemplate("hermes", talking(30));
      const terminal = await open(["ensure", "hermes"]);
      const during = await terminal.shows(/\| .*line-(?:9|\d\d)\./);
      expect(during[0]).toBe("before");
      expect(during[1]).toMatch(/^hermes {2}build {2}\d+ s {2}\d+\/\d+ steps {2}molecule-local\/workspace-/);
      // The last six lines of the build, and nothing below them.
      const shown = during.slice(2).map((line) => Number(/^ {2}\| (?:.* )?line-(\d+)\.$/.exec(line)?.[1]));
      const [first = 0] = shown;
      expect(first).toBeGreaterThanOrEqual(4);
      expect(shown).toEqual([0, 1, 2, 3, 4, 5].map((further) => first + further));
      expect(await terminal.painted()).toContain("\u001b[1mhermes");

      const after = await terminal.shows(/status=/);
      expect(withoutReferences(after)).toEqual([
        "before",
        expect.stringMatching(/^hermes {2}ready after \d+ s$/),
        `${reference("hermes")}…`,
        "status=0",
      ]);
    });

    test("three concurrent builds keep their order, each with its own lines", async () => {
      // Long enough that both still print when the third is ready, whichever starts first.
      await world.forge.addTemplate("hermes", talking(50, "true", "of-hermes"));
      await world.forge.addTemplate("codex", talking(50, "true", "of-codex"));
      await world.forge.addTemplate("gemini-cli", helloTemplate());
      const terminal = await open(["ensure", "hermes", "gemini-cli", "codex"]);
      const during = await terminal.shows(/of-hermes-\d+\.[^]*^gemini-cli +ready[^]*of-codex-\d+\./m);
      const heads = during
        .filter((line) => /^[a-z]/.test(line))
        .map((line) => line.split(/ {2,}/).slice(0, 2));
      expect(heads).toEqual([
        ["before"],
        ["hermes", "build"],
        ["gemini-cli", expect.stringMatching(/^ready/)],
        ["codex", "build"],
      ]);
      const after = await terminal.shows(/status=/);
      expect(withoutReferences(after)).toEqual([
        "before",
        expect.stringMatching(/^hermes {6}ready after \d+ s$/),
        expect.stringMatching(/^gemini-cli {2}ready after \d+ s$/),
        expect.stringMatching(/^codex {7}ready after \d+ s$/),
        ...["hermes", "gemini-cli", "codex"].map((runtime) => `${reference(runtime)}…`),
        "status=0",
      ]);
    });

    test("prints the last lines of a failed build once", async () => {
      await world.forge.addTemplate("hermes", talking(3, "echo last-words.; exit 3"));
      const terminal = await open(["ensure", "hermes"], { columns: 100, rows: 60 });
      const after = (await terminal.shows(/status=/)).join("\n");
      expect(after).toMatch(/^hermes {2}failed after \d+ s$/m);
      expect(after).toMatch(/^ {2}\| (?:.* )?last-words\.$/m);
      expect(after.match(/ last-words\.\n/g)).toHaveLength(1);
      expect(after).toContain("[BUILD_FAILED]");
      expect(after).toMatch(/status=5$/);
    });

    test("keeps a failed build's lines in the display when the error is JSON", async () => {
      await world.forge.addTemplate("hermes", talking(3, "echo last-words.; exit 3"));
      const terminal = await open(["ensure", "hermes", "--json"], { columns: 100, rows: 60 });
      const after = (await terminal.shows(/status=/)).join("\n");
      expect(after).toMatch(/^hermes {2}failed after \d+ s\n(?: {2}\| [^]*\n) {2}\| last-words\.\n/m);
    });

    test("Ctrl-C during a build restores the terminal", async () => {
      await world.forge.addTemplate("hermes", talking(200));
      const terminal = await open(["ensure", "hermes"]);
      await terminal.shows(/line-\d+\./);
      await terminal.press("C-c");
      const after = await terminal.shows(/status=/);
      expect(after).toEqual(["before", "molecule-image: cancelled by SIGINT [CANCELLED]", "status=130"]);
      expect(await terminal.fact("cursor_flag")).toBe("1");
      expect(await terminal.fact("wrap_flag")).toBe("1");
      expect(await terminal.fact("cursor_x")).toBe("0");
      expect(await terminal.painted()).toMatch(/\nstatus=130$/);
    });

    test("after Ctrl-Z, continues below the shell's output", async () => {
      await world.forge.addTemplate("hermes", talking(50));
      const terminal = await open(["ensure", "hermes"]);
      await terminal.shows(/line-\d+\./);
      await terminal.press("C-z");
      const lines = await terminal.shows(/stopped\nhermes {2}build[^]*line-[2-5]\d\./);
      expect(lines.filter((line) => line.startsWith("hermes  build"))).toHaveLength(1);
      const after = await terminal.shows(/status=/);
      expect(after.slice(after.indexOf("stopped") + 1)).toEqual([
        expect.stringMatching(/^hermes {2}ready after/),
        expect.stringMatching(/^molecule-local/),
        "status=0",
      ]);
    });

    test("a resize leaves no stale rows on the screen and loses no text", async () => {
      const wide = `${"漢字".repeat(20)} ${"x".repeat(60)} line`;
      await world.forge.addTemplate("hermes", talking(80, "true", wide));
      const terminal = await open(["ensure", "hermes"], { columns: 100, rows: 24 });
      await terminal.shows(/(?:\| 漢字.*\n.*){5}\| 漢字/);
      const seconds = (lines: readonly string[]): string =>
        / {2}(\d+) s {2}/.exec(lines.join("\n"))?.[1] ?? "";
      // Wider, lower, higher; narrower comes last, because tmux itself then moves rows off the screen.
      for (const size of [
        { columns: 120, rows: 24 },
        { columns: 120, rows: 9 },
        { columns: 121, rows: 24 },
        { columns: 50, rows: 24 },
        { columns: 33, rows: 24 },
      ]) {
        const before = seconds(await terminal.screen());
        await terminal.resize(size);
        const lines = await terminal.shows(new RegExp(`^hermes {2}build {2}(?!${before} )\\d+ s`, "m"));
        const picture = lines.filter((line) => line !== "before");
        expect(picture).toHaveLength(7);
        expect(picture[0]).toMatch(/^hermes {2}build/);
        // Cut with an ellipsis, not wrapped, and without half a wide character.
        for (const line of picture.slice(1)) expect(line).toMatch(/^ {2}\| 漢字.*…$/);
        const everything = await terminal.everything();
        expect(everything[0]).toBe("before");
        if (size.columns >= 100) expect(everything).toHaveLength(8);
      }
      const after = await terminal.shows(/status=/);
      expect(after.filter((line) => line.startsWith("hermes"))).toEqual([
        expect.stringMatching(/^hermes {2}ready after/),
      ]);
      expect(after.join("\n")).not.toContain("漢");
    });

    test("log lines written during a build stay above the display", async () => {
      await world.forge.addTemplate("hermes", talking(20));
      const terminal = await open(["ensure", "hermes", "--log-level", "debug"], { columns: 60, rows: 24 });
      await terminal.shows(/line-\d+\./);
      const after = (await terminal.shows(/status=/)).join("\n");
      expect(after).toMatch(/^before\n(?:[^]*debug [^]*\n)?hermes {2}ready after \d+ s\n/);
      expect(after.match(/^hermes/gm)).toHaveLength(1);
    });

    test("respects NO_COLOR and a small screen", async () => {
      for (const runtime of ["hermes", "codex", "autogen", "crewai"])
        await world.forge.addTemplate(runtime, talking(12));
      const args = ["ensure", "hermes", "codex", "autogen", "crewai"];
      const terminal = await open(args, { columns: 30, rows: 4 }, { NO_COLOR: "1" });
      const during = await terminal.shows(/build/);
      expect(during.length).toBeLessThanOrEqual(4);
      expect(during.join("\n")).toContain("and 2 more");
      // eslint-disable-next-line no-control-regex -- this must not appear
      expect(await terminal.painted()).not.toMatch(/\u001b\[[\d;]*m/);
      await terminal.shows(/status=0/);
      expect((await terminal.everything()).filter((line) => line.includes("ready after"))).toHaveLength(4);
    });
  });
});
