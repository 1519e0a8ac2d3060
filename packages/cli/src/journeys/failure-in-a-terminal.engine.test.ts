import { randomBytes } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { describeWithEngine } from "@molecule/test-fixtures";
import { helloTemplate } from "@molecule/testkit";
import { openWorld, templateWith, type World } from "./command-world.test.support.js";
import { openTerminal, type TerminalSession } from "./terminal-session.test.support.js";

describeWithEngine(
  { describe, test },
  "a build that fails with much output, in a terminal",
  ({ address }) => {
    let world: World;
    let terminal: TerminalSession;
    beforeEach(async () => {
      world = await openWorld(address);
      const step = `RUN for i in $(seq 80); do echo line-$i-${randomBytes(4).toString("hex")}; done; exit 7`;
      await world.forge.addTemplate("hermes", templateWith(step));
      await world.forge.addTemplate("codex", helloTemplate());
    });
    afterEach(async () => {
      await terminal.close();
      await world.close();
    });

    test.each([
      [["ensure", "hermes"]],
      [["ensure", "hermes", "codex"]],
      [["ensure", "hermes", "--log-level", "debug"]],
      [["ensure", "hermes", "--progress", "plain"]],
      [["run", "hermes"]],
    ])("%j prints the message and the hint last", async (args) => {
      terminal = await openTerminal(world, args, { columns: 150, rows: 12 });
      const lines = await terminal.shows(/^status=5$/m);
      const end = lines.indexOf("status=5");
      expect(lines[end - 1]).toMatch(/^ {2}hint: /);
      expect(lines.slice(0, end - 1).join("\n")).toMatch(/molecule-image: [^|]*\[BUILD_FAILED\]$/);
      expect(lines.join("\n")).toContain("line-80-");
    });
  },
);
