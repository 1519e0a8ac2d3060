import { randomBytes } from "node:crypto";
import { expect, describe, test } from "@jest/globals";
import { describeWithEngine } from "@molecule/test-fixtures";
import { openWorld, templateWith } from "./command-world.test.support.js";
import { describeWithTerminal, openTerminal } from "./terminal-session.test.support.js";

const talking = (): ReturnType<typeof templateWith> =>
  templateWith(
    `RUN : ${randomBytes(4).toString("hex")}; i=0; while [ $i -lt 30 ]; do i=$((i+1)); echo "line-$i."; sleep 0.2; done`,
  );

describeWithEngine({ describe, test }, "molecule-image watch", ({ address }) => {
  describeWithTerminal({ describe, test }, "in a terminal", () => {
    test("shows builds in progress, and nothing while it waits", async () => {
      const world = await openWorld(address);
      await world.forge.addTemplate("hermes", talking());
      await world.forge.addTemplate("codex", talking());
      const args = ["watch", "hermes", "codex", "--every", "1s"];
      const terminal = await openTerminal(world, args, { columns: 160, rows: 40 });
      try {
        await terminal.shows(/^hermes {2}build[^]*^codex {3}build|^codex {3}build[^]*^hermes {2}build/m);
        const isRest =
          /^(?:hermes|codex) +ready after \d+ s\n(?:hermes|codex) +ready after \d+ s\n(?:hermes|codex) molecule-local\/\S+ sha256:\S+$/m;
        await terminal.shows(isRest);
        // Both have ended, and both lines are on the screen: they are written one after the other.
        const after = await terminal.shows(/(?: molecule-local\/\S+ sha256:[^]*){2}/);
        expect(after.filter((line) => / molecule-local\/\S+ sha256:/.test(line))).toHaveLength(2);
        expect(after.join("\n")).not.toMatch(/build|line-/);
        // Later polls show nothing.
        const requestsBefore = world.forge.apiRequests().length;
        while (world.forge.apiRequests().length < requestsBefore + 4)
          await new Promise((next) => setTimeout(next, 50));
        expect(await terminal.screen()).toEqual(after);

        await world.forge.commit("codex", talking());
        const during = await terminal.shows(/line-\d+\./);
        expect(during.slice(0, after.length)).toEqual(after);
        expect(during[after.length]).toMatch(/^codex {2}build/);
        await terminal.press("C-c");
        const end = await terminal.shows(/status=130/);
        expect(end).toEqual([...after, "molecule-image: cancelled by SIGINT [CANCELLED]", "status=130"]);
      } finally {
        await terminal.close();
        await world.close();
      }
    });
  });
});
