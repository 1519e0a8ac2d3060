import { randomBytes } from "node:crypto";
import * as runner from "@jest/globals";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import type { ContainerEngine } from "@molecule/core";
import { createDockerEngine, findEngineEndpoint } from "@molecule/engine";
import { describeWithEngine, describeWithPodman } from "@molecule/test-fixtures";
import { helloTemplate } from "@molecule/testkit";
import { noEngine, openWorld, type Env, type World } from "./command-world.test.support.js";
import { runShell } from "./shell.test.support.js";

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

  test("-i forwards stdin and its end", async () => {
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

  test("-i forwards large and binary input", async () => {
    const { stdout } = await run('head -c 3000000 /dev/zero | "$@"', "-i", "--", "sh", "-c", "cat | wc -c");
    expect(stdout.trim()).toBe("3000000");
  });

  test.each(["</dev/null", "<&-"])("-i with %s: the container reads end of file", async (input) => {
    expect(await run(`"$@" ${input}`, "-i", "--", "cat")).toMatchObject({ status: 0, stdout: "" });
  });

  test("the command exits when the container exits before reading all input", async () => {
    expect(await run('yes | "$@"', "-i", "--", "head", "-1")).toMatchObject({ status: 0, stdout: "y\n" });
  });

  test("-t allocates a terminal even if the command has none", async () => {
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

  test("without -i the container reads nothing, and a log line reports ignored input", async () => {
    const piped = await runShell(world, 'echo data | "$@"', command("--", "cat"));
    expect(piped).toMatchObject({
      status: 0,
      stdout: "",
      stderr: expect.stringContaining("stdin is not connected"),
    });
    const quiet = await runShell(world, 'echo data | "$@"', command("--quiet", "--", "cat"));
    expect(quiet.stderr).toBe("");
    const none = await runShell(world, '"$@" </dev/null', command("--", "cat"));
    expect(none.stderr).toBe("");
  });

  test("rejects -it with USAGE before any work if stdin is not a terminal", async () => {
    const before = world.forge.requests.length;
    const { status, stderr } = await runShell(world, 'echo | "$@"', command("-it", "--", "cat"));
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr:
        "molecule-image: cannot use -i with -t: stdin is not a terminal [USAGE]\n" +
        "  hint: Omit -t, or run the command in a terminal.\n",
    });
    expect(world.forge.requests).toHaveLength(before);
  });
});

describeWithPodman(runner, "input of molecule-image run with Podman", (podman) => {
  inputTests(() => podman().address);
});
