import { randomBytes } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import type { ContainerEngine } from "@molecule/core";
import { createDockerEngine, findEngineEndpoint } from "@molecule/engine";
import { describeWithEngine } from "@molecule/test-fixtures";
import { helloTemplate } from "@molecule/testkit";
import { openWorld, type World } from "./command-world.test.support.js";
import { runShell } from "./shell.test.support.js";
import { slowEngine } from "./slow-engine.test.support.js";

describeWithEngine({ describe, test }, "molecule-image run", ({ address }) => {
  let world: World;
  let engine: ContainerEngine;
  let name: string;
  const names: string[] = [];

  beforeAll(async () => {
    engine = createDockerEngine(() =>
      findEngineEndpoint({ env: { DOCKER_HOST: address }, home: "/nonexistent" }),
    );
    world = await openWorld(address);
    await world.forge.addTemplate("hermes", helloTemplate({ message: "hello from hermes" }));
    await world.run(["ensure", "hermes"]);
  });
  afterEach(async () => {
    for (const name of names.splice(0)) await engine.removeContainer(name, { force: true });
  });
  afterAll(async () => {
    await engine.close();
    await world.close();
  });
  const unique = (): string => {
    name = `mol-cli-${randomBytes(4).toString("hex")}`;
    names.push(name);
    return name;
  };
  const command = (...args: readonly string[]): string[] => ["run", "hermes", "--name", unique(), ...args];

  test("forwards the container's output and exit status when attached", async () => {
    const { status, stdout, stderr } = await world.run(
      command("--", "sh", "-c", "echo out; echo err >&2; exit 7"),
    );
    expect({ status, stdout, stderr }).toEqual({ status: 7, stdout: "out\n", stderr: "err\n" });
    expect(await engine.inspectContainer(name)).toMatchObject({ running: false, exitCode: 7 });
  });

  test("runs the image's own command if no arguments are given", async () => {
    expect(await world.run(command())).toMatchObject({ status: 0, stdout: "hello from hermes\n" });
  });

  test("passes options after -- to the container", async () => {
    const { stdout } = await world.run(command("--rm", "--", "echo", "--json", "--help", "-x", "--"));
    expect(stdout).toBe("--json --help -x --\n");
  });

  test("forwards binary output unchanged", async () => {
    const { stdout } = await world.run(command("--", "sh", "-c", "printf 'a\\033[1mb\\000c'"));
    expect(stdout).toBe("a\u001b[1mb\0c");
  });

  test("waits for an engine that is slow to inspect a container", async () => {
    const slow = await slowEngine(address, 200);
    const outcome = await world.run(command("--", "echo", "hi"), { DOCKER_HOST: slow.address });
    await slow.stop();
    expect(outcome).toMatchObject({ status: 0, stdout: "hi\n", stderr: "" });
  });

  test("--rm removes the container, so the name can be reused immediately", async () => {
    // Enough files that the engine needs a while to remove them.
    const script = "i=0; while [ $i -lt 5000 ]; do : >/f$((i++)); done; exit 3";
    const first = command("--rm", "--", "sh", "-c", script);
    expect(await world.run(first)).toMatchObject({ status: 3 });
    expect(await engine.inspectContainer(name)).toBeUndefined();
    const next = ["run", "hermes", "--name", name, "--rm", "--", "echo", "next"];
    expect(await world.run(next)).toMatchObject({ status: 0, stdout: "next\n" });
  });

  test("--env K=V sets a variable, --env K forwards it, and an unset one is left out", async () => {
    const env = { HANDED: "on = here", EMPTY: "" };
    const options = ["--env", "A=1=2", "--env", "HANDED", "--env", "EMPTY", "--env", "ABSENT", "--env", "B="];
    const { stdout } = await world.run(command(...options, "--", "env"), env);
    const lines = stdout.split("\n");
    expect(lines).toEqual(expect.arrayContaining(["A=1=2", "HANDED=on = here", "EMPTY=", "B="]));
    expect(stdout).not.toContain("ABSENT");
    // Only the requested variables: the container does not inherit the command's environment.
    expect(stdout).not.toMatch(/DOCKER_HOST|MOLECULE_/);
  });

  test("--detach prints the name once the container runs", async () => {
    const { status, stdout } = await world.run(command("--detach", "--", "sleep", "600"));
    expect({ status, stdout }).toEqual({ status: 0, stdout: `${name}\n` });
    expect(await engine.inspectContainer(name)).toMatchObject({
      running: true,
      labels: { "molecule.container.managed-by": "molecule-image" },
    });
  });

  test("--json prints the container and its image", async () => {
    const { status, answer } = await world.json(command("--", "sleep", "600"));
    expect(status).toBe(0);
    expect(Object.keys(answer).sort()).toEqual(["container", "image"]);
    expect(answer.container).toEqual({ id: expect.stringMatching(/^[0-9a-f]{64}$/), name });
    expect(answer.image).toMatchObject({ source: "gitea-local-build", cached: true });
    expect(await engine.inspectContainer(name)).toMatchObject({
      running: true,
      imageId: answer.image?.["imageId"],
    });
  });

  test("replaces a stopped container of ours, and fails with a conflict if it is running", async () => {
    await world.run(command("--", "true"));
    const again = ["run", "hermes", "--name", name, "--detach", "--", "sleep", "600"];
    expect(await world.run(again)).toMatchObject({ status: 0 });
    expect(await world.run(again)).toMatchObject({
      status: 4,
      stdout: "",
      stderr: expect.stringContaining("[CONTAINER_CONFLICT]"),
    });
    const { status, answer } = await world.json(again);
    expect(status).toBe(4);
    expect(Object.keys(answer)).toEqual(["error"]);
    expect(answer.error).toMatchObject({
      code: "CONTAINER_CONFLICT",
      message: expect.stringContaining(name),
    });
  });

  test("a command missing from the image fails with CONTAINER_FAILED and leaves no container", async () => {
    expect(await world.run(command("--", "no-such-program"))).toMatchObject({
      status: 4,
      stdout: "",
      stderr: expect.stringMatching(/no-such-program.*\[CONTAINER_FAILED\]/),
    });
    expect(await engine.inspectContainer(name)).toBeUndefined();
  });

  test.each([
    ["SIGINT", "INT"],
    ["SIGTERM", "TERM"],
    ["SIGHUP", "HUP"],
    ["SIGQUIT", "QUIT"],
    ["SIGUSR1", "USR1"],
    ["SIGUSR2", "USR2"],
  ] as const)("forwards %s to the container, and returns its status", async (signal, name) => {
    const script = `trap 'exit 21' ${name}; echo ready >&2; while :; do sleep 0.05; done`;
    const running = world.start(command("--", "sh", "-c", script));
    await running.untilPrinted("ready");
    running.child.kill(signal);
    expect((await running.done).status).toBe(21);
  });

  test("a second signal ends the command, which names the container that ignored the first", async () => {
    const script = "trap 'echo ignored >&2' INT; echo ready >&2; while :; do sleep 0.05; done";
    const running = world.start(command("--rm", "--", "sh", "-c", script));
    await running.untilPrinted("ready");
    running.child.kill("SIGINT");
    await running.untilPrinted("ignored");
    running.child.kill("SIGINT");
    const { status, stderr } = await running.done;
    expect(status).toBe(130);
    expect(stderr).toContain(
      `molecule-image: the container ${name} is still running\n  hint: Stop it with \`docker stop ${name}\`.\n`,
    );
    expect(await engine.inspectContainer(name)).toMatchObject({ running: true });
  });

  const isGone = async (): Promise<boolean> => (await engine.inspectContainer(name)) === undefined;
  const within = async (holds: () => Promise<boolean>): Promise<void> => {
    const deadline = Date.now() + 60_000;
    while (!(await holds())) {
      if (Date.now() > deadline) throw new Error("it did not come to that within a minute");
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };

  test.each([
    ["stdout", '"$@" | head -1; echo ${PIPESTATUS[0]}', "yes"],
    ["stderr", '{ "$@" 2>&1 >&3 | head -1; echo ${PIPESTATUS[0]}; } 3>&1', "yes >&2"],
    ["either", '"$@" 2>&1 | head -1; echo ${PIPESTATUS[0]}', "yes >&2 & yes"],
  ])("stops with its container once %s has no reader", async (_what, script, yes) => {
    const { stdout } = await runShell(world, script, command("--rm", "--", "sh", "-c", yes));
    expect(stdout).toBe("y\n1\n");
    await within(isGone);
  });

  test("without --rm, a container whose output has no reader stops", async () => {
    const { stderr } = await runShell(world, '"$@" | head -1', command("--", "yes"));
    expect(stderr).toBe("molecule-image: cannot write to stdout: broken pipe\n");
    expect(await engine.inspectContainer(name)).toMatchObject({ running: false });
  });

  test("a full disk behind stdout fails with STORAGE_UNUSABLE", async () => {
    const { status, stderr } = await runShell(world, '"$@" >/dev/full', command("--rm", "--", "yes"));
    expect({ status, stderr }).toMatchObject({
      status: 4,
      stderr: expect.stringContaining("[STORAGE_UNUSABLE]"),
    });
    await within(isGone);
  });

  test.each([
    ["a bad name", ["--name", "a/b"]],
    ["a variable without a name", ["--env", "=x"]],
  ])("rejects %s with USAGE before contacting the forge", async (_what, options) => {
    const before = world.forge.requests.length;
    const { status, answer } = await world.json(["run", "hermes", ...options]);
    expect({ status, code: answer.error?.code }).toEqual({ status: 2, code: "USAGE" });
    expect(world.forge.requests).toHaveLength(before);
  });
});
