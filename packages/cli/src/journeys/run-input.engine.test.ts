import { randomBytes } from "node:crypto";
import * as runner from "@jest/globals";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import type { ContainerEngine } from "@molecule/core";
import { createDockerEngine, findEngineEndpoint } from "@molecule/engine";
import { describeWithEngine, describeWithPodman, helloTemplate } from "@molecule/testkit";
import { noEngine, openWorld, type Env, type World } from "./command-world.test.support.js";
import { runShell } from "./shell.test.support.js";
import { openTerminal, type TerminalSession } from "./terminal-session.test.support.js";

function inputTests(address: () => string): void {
  let world: World;
  let env: Env;
  beforeAll(async () => {
    world = await openWorld(noEngine);
    env = { DOCKER_HOST: address() };
    await world.forge.addTemplate("hermes", helloTemplate());
    expect(await world.run(["ensure", "hermes"], env)).toMatchObject({ status: 0 });
  });
  afterAll(() => world.close());
  const run = (script: string, ...args: readonly string[]): ReturnType<typeof runShell> =>
    runShell(world, script, ["run", "hermes", "--rm", ...args], { env });

  test("-i passes stdin, and its end", async () => {
    const { status, stdout, stderr } = await run(
      'printf "a\\nb" | "$@"',
      "-i",
      "--",
      "sh",
      "-c",
      "cat; echo .; exit 3",
    );
    expect({ status, stdout, stderr }).toEqual({ status: 3, stdout: "a\nb.\n", stderr: "" });
  });

  test("-i passes much, and bytes that are no text", async () => {
    const { stdout } = await run('head -c 3000000 /dev/zero | "$@"', "-i", "--", "sh", "-c", "cat | wc -c");
    expect(stdout.trim()).toBe("3000000");
  });

  test.each(["</dev/null", "<&-"])("-i with %s: the container reads an end", async (input) => {
    expect(await run(`"$@" ${input}`, "-i", "--", "cat")).toMatchObject({ status: 0, stdout: "" });
  });

  test("a container that exits before it has read everything ends the command", async () => {
    expect(await run('yes | "$@"', "-i", "--", "head", "-1")).toMatchObject({ status: 0, stdout: "y\n" });
  });

  test("-t allocates a terminal, also where this is none", async () => {
    const { status, stdout } = await run(
      '"$@" </dev/null',
      "-t",
      "--",
      "sh",
      "-c",
      "[ -t 1 ] && echo yes; echo err >&2",
    );
    expect({ status, stdout }).toEqual({ status: 0, stdout: "yes\r\nerr\r\n" });
  });
}

describeWithEngine({ describe, test }, "input of molecule-image run", ({ address }) => {
  inputTests(() => address);

  let world: World;
  let engine: ContainerEngine;
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
    for (const name of names.splice(0)) await engine.removeContainer(name, { force: true });
  });
  afterAll(async () => {
    await engine.close();
    await world.close();
  });
  const command = (...args: readonly string[]): string[] => {
    const name = `mol-cli-${randomBytes(4).toString("hex")}`;
    names.push(name);
    return ["run", "hermes", "--name", name, "--rm", ...args];
  };

  test("without -i the container reads nothing, and a log line says so where there was something", async () => {
    const piped = await runShell(world, 'echo data | "$@"', command("--", "cat"));
    expect(piped).toMatchObject({
      status: 0,
      stdout: "",
      stderr: expect.stringContaining("stdin is not passed"),
    });
    const quiet = await runShell(world, 'echo data | "$@"', command("--quiet", "--", "cat"));
    expect(quiet.stderr).toBe("");
    const none = await runShell(world, '"$@" </dev/null', command("--", "cat"));
    expect(none.stderr).toBe("");
  });

  test("-it without a terminal on stdin is USAGE before anything is touched", async () => {
    const before = world.forge.requests.length;
    const { status, stderr } = await runShell(world, 'echo | "$@"', command("-it", "--", "cat"));
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr:
        "molecule-image: stdin is not a terminal, which -i together with -t needs [USAGE]\n" +
        "  hint: Leave out -t, or run it in a terminal.\n",
    });
    expect(world.forge.requests).toHaveLength(before);
  });

  describe("on a terminal", () => {
    let terminal: TerminalSession;
    afterEach(() => terminal.close());

    test("-it passes keys, Ctrl-C too, follows the size, and leaves the terminal as it was", async () => {
      const script =
        'trap \'echo interrupted\' INT; sized() { until [ "$(stty size 2>&1)" = "$1" ]; do sleep 0.1; done; echo is $1; }; ' +
        "sized '20 90'; read line; echo got $line; sized '24 70'; while :; do sleep 0.1; done";
      terminal = await openTerminal(world, command("-it", "--", "sh", "-c", script), {
        columns: 90,
        rows: 20,
      });
      await terminal.shows(/^is 20 90$/m);
      await terminal.type("hello\n");
      await terminal.shows(/^got hello$/m);
      await terminal.resize({ columns: 70, rows: 24 });
      await terminal.shows(/^is 24 70$/m);
      await terminal.press("C-c");
      await terminal.shows(/interrupted$/m);
    });

    test("the exit status is the container's, and the terminal echoes again", async () => {
      const args = command("-it", "--", "sh", "-c", "read line; exit 5");
      terminal = await openTerminal(world, args, { columns: 90, rows: 20 });
      await terminal.type("x\n");
      await terminal.shows(/^status=5$/m);
      await terminal.type("typed afterwards");
      await terminal.shows(/typed afterwards/);
    });

    test("a terminal that closes ends a container that reads from it", async () => {
      const args = command("-it", "--", "sh", "-c", "echo ready; cat");
      terminal = await openTerminal(world, args, { columns: 90, rows: 20 });
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

describeWithPodman(runner, "input of molecule-image run with Podman", (podman) => {
  inputTests(() => podman().address);
});
