import { randomBytes } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import type { ContainerEngine } from "@molecule/core";
import { createDockerEngine, findEngineEndpoint } from "@molecule/engine";
import { describeWithEngine } from "@molecule/test-fixtures";
import { helloTemplate } from "@molecule/testkit";
import { openWorld, type World } from "./command-world.test.support.js";
import { describeWithTerminal, openTerminal, type TerminalSession } from "./terminal-session.test.support.js";

describeWithEngine({ describe, test }, "molecule-image run in a terminal", ({ address }) => {
  describeWithTerminal({ describe, test }, "of a user", () => {
    let world: World;
    let engine: ContainerEngine;
    let opened: TerminalSession | undefined;
    const names: string[] = [];
    beforeAll(async () => {
      engine = createDockerEngine(() =>
        findEngineEndpoint({ env: { DOCKER_HOST: address }, home: "/nonexistent" }),
      );
      world = await openWorld(address);
      await world.forge.addTemplate("hermes", helloTemplate());
      await world.run(["ensure", "hermes"]);
    });
    afterEach(async () => {
      await opened?.close();
      opened = undefined;
      for (const name of names.splice(0)) await engine.removeContainer(name, { force: true });
    });
    afterAll(async () => {
      await engine.close();
      await world.close();
    });
    const open = async (script: string): Promise<TerminalSession> => {
      const name = `mol-cli-${randomBytes(4).toString("hex")}`;
      names.push(name);
      const words = ["run", "hermes", "--name", name, "--rm", "-it", "--", "sh", "-c", script];
      opened = await openTerminal(world, words, { columns: 90, rows: 20 });
      return opened;
    };

    test("-it forwards keys and Ctrl-C, follows the window size, and restores the terminal", async () => {
      const script =
        'trap \'echo interrupted\' INT; sized() { until [ "$(stty size 2>&1)" = "$1" ]; do sleep 0.1; done; echo is $1; }; ' +
        "sized '20 90'; read line; echo got $line; sized '24 70'; while :; do sleep 0.1; done";
      const terminal = await open(script);
      await terminal.shows(/^is 20 90$/m);
      await terminal.type("hello\n");
      await terminal.shows(/^got hello$/m);
      await terminal.resize({ columns: 70, rows: 24 });
      await terminal.shows(/^is 24 70$/m);
      await terminal.press("C-c");
      await terminal.shows(/interrupted$/m);
    });

    test("returns the container's exit status, and restores echo", async () => {
      const terminal = await open("read line; exit 5");
      await terminal.type("x\n");
      await terminal.shows(/^status=5$/m);
      await terminal.type("typed afterwards");
      await terminal.shows(/typed afterwards/);
    });

    test("closing the terminal ends a container that reads from it", async () => {
      const terminal = await open("echo ready; cat");
      await terminal.shows(/^ready$/m);
      await terminal.close();
      const name = names.at(-1) ?? "";
      const deadline = Date.now() + 60_000;
      while ((await engine.inspectContainer(name))?.running === true && Date.now() < deadline) {
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      expect((await engine.inspectContainer(name))?.running ?? false).toBe(false);
    });
  });
});
