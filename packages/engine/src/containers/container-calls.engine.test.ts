import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { defaultPlatform, type ContainerEngine, type ContainerSpec } from "@molecule/core";
import { describeWithEngine } from "@molecule/test-fixtures";
import { contextOf, keepReport } from "../builds/build-context.test.support.js";
import { createDockerEngine } from "../docker-engine.js";
import { findEngineEndpoint } from "../connection/find-engine-endpoint.js";

describeWithEngine({ describe, test }, "containers of a real engine", ({ address }) => {
  let engine: ContainerEngine;
  let imageId: string;
  const made: string[] = [];

  beforeAll(async () => {
    engine = createDockerEngine(() =>
      findEngineEndpoint({ env: { DOCKER_HOST: address }, home: "/nonexistent" }),
    );
    ({ imageId } = await engine.buildImage({
      context: contextOf(
        'LABEL molecule.test=containers\nENTRYPOINT ["/bin/sh", "-c"]\nCMD ["echo default"]',
      ),
      platform: defaultPlatform,
      labels: {},
      target: undefined,
      buildArgs: {},
      noCache: false,
      pullBases: false,
      report: keepReport(),
    }));
  });
  afterAll(async () => {
    for (const id of made) await engine.removeContainer(id, { force: true });
    await engine.close();
  });

  async function create(script: string | undefined, more: Partial<ContainerSpec> = {}): Promise<string> {
    const { id } = await engine.createContainer({
      name: undefined,
      imageId,
      platform: defaultPlatform,
      env: {},
      args: script === undefined ? undefined : [script],
      labels: {},
      autoRemove: false,
      ...more,
    });
    made.push(id);
    return id;
  }

  test("a container has the requested settings", async () => {
    const id = await create(undefined, { name: "mol-eng-shape", labels: { a: "b" } });
    expect(await engine.inspectContainer("mol-eng-shape")).toMatchObject({
      id,
      name: "mol-eng-shape",
      imageId,
      labels: { a: "b" },
      running: false,
      error: "",
    });
    await engine.removeContainer(id, { force: false });
    expect(await engine.inspectContainer(id)).toBeUndefined();
    await engine.removeContainer(id, { force: false });
  });

  test("waits for a removal that is already in progress", async () => {
    // Enough files that removing them takes the engine a while.
    const id = await create("i=0; while [ $i -lt 5000 ]; do : >/f$((i++)); done");
    const exit = engine.waitContainer(id);
    await engine.startContainer(id);
    await exit;
    const remove = (): Promise<void> => engine.removeContainer(id, { force: false });
    const removals = [remove(), remove()];
    await Promise.race(removals);
    expect(await engine.inspectContainer(id)).toBeUndefined();
    await Promise.all(removals);
  });

  test("output of a container that exits immediately is complete and separated", async () => {
    const id = await create('echo "out $WHO"; echo err >&2; exit 7', {
      env: { WHO: "ü=x" },
      autoRemove: true,
    });
    const { stdout, stderr } = await engine.attachContainer(id);
    const exit = engine.waitContainer(id);
    await engine.startContainer(id);
    expect(await Promise.all([text(stdout), text(stderr), exit])).toEqual([
      "out ü=x\n",
      "err\n",
      { exitCode: 7 },
    ]);
  });

  test("a wait that starts after the exit resolves too", async () => {
    const id = await create("exit 4");
    await engine.startContainer(id);
    expect(await engine.waitContainer(id)).toEqual({ exitCode: 4 });
    expect(await engine.waitContainer(id)).toEqual({ exitCode: 4 });
    expect(await engine.inspectContainer(id)).toMatchObject({ running: false, exitCode: 4 });
  });

  test("a wait ends when its caller aborts", async () => {
    const id = await create("sleep 600");
    const waiting = engine.waitContainer(id, { signal: AbortSignal.timeout(100) });
    await expect(waiting).rejects.toMatchObject({ code: "CANCELLED" });
  });

  test("streams much output through a slow reader", async () => {
    const id = await create("/bin/busybox yes 0123456789abcdef | /bin/busybox head -n 200000");
    const { stdout, stderr } = await engine.attachContainer(id);
    stderr.resume();
    await engine.startContainer(id);
    let bytes = 0;
    for await (const chunk of stdout as AsyncIterable<Buffer>) bytes += chunk.length;
    expect(bytes).toBe(200_000 * 17);
  });

  test("returns the last lines of the log", async () => {
    const id = await create("echo one; echo two; printf '\\033[31mthree\\n'");
    const exit = engine.waitContainer(id);
    await engine.startContainer(id);
    await exit;
    expect(await engine.containerLogs(id, { tail: 2 })).toBe("two\n\\u001b[31mthree\n");
  });

  test("returns the log of a container with a terminal, which is not framed", async () => {
    const id = await create("echo a line that is longer than the header of a frame", { terminal: true });
    const exit = engine.waitContainer(id);
    await engine.startContainer(id);
    await exit;
    expect(await engine.containerLogs(id, { tail: 1 })).toMatch(/^a line .* a frame/);
  });

  test("signals and stops a container, and ignores one that has exited", async () => {
    const id = await create("trap 'exit 9' INT; echo up; while :; do /bin/busybox sleep 0.05; done");
    const { stdout } = await engine.attachContainer(id);
    await engine.startContainer(id);
    await new Promise((resolve) => stdout.once("data", resolve));
    await engine.signalContainer(id, "SIGINT");
    expect(await engine.waitContainer(id)).toEqual({ exitCode: 9 });
    await engine.signalContainer(id, "SIGINT");
    await engine.stopContainer(id, { graceSeconds: 1 });
    await engine.removeContainer(id, { force: false });
    await engine.signalContainer(id, "SIGINT");
    await engine.stopContainer(id, { graceSeconds: 1 });
  });

  test("removes a running container only with force", async () => {
    const id = await create("/bin/busybox sleep 600");
    await engine.startContainer(id);
    await engine.startContainer(id);
    await expect(engine.removeContainer(id, { force: false })).rejects.toMatchObject({
      code: "CONTAINER_CONFLICT",
    });
    await engine.removeContainer(id, { force: true });
    expect(await engine.inspectContainer(id)).toBeUndefined();
  });

  test("reports a name in use as a conflict", async () => {
    await create(undefined, { name: "mol-eng-taken" });
    await expect(create(undefined, { name: "mol-eng-taken" })).rejects.toMatchObject({
      code: "CONTAINER_CONFLICT",
      message: expect.stringContaining("mol-eng-taken"),
    });
  });

  test("a missing image is an error and is never pulled", async () => {
    const absent = `sha256:${"0".repeat(64)}`;
    await expect(create(undefined, { imageId: absent })).rejects.toMatchObject({ code: "CONTAINER_FAILED" });
  });

  test("a program that cannot run fails at the start, with the engine's message", async () => {
    const id = await create(undefined, { args: ["x"], env: {}, imageId: (await bare()).imageId });
    await expect(engine.startContainer(id)).rejects.toMatchObject({
      code: "CONTAINER_FAILED",
      message: expect.stringMatching(
        new RegExp(`^cannot start container ${id.slice(0, 12)}: .*no-such-program`),
      ),
    });
  });

  test("a container that does not exist is named in the error", async () => {
    await expect(engine.openContainerLogs("mol-eng-absent", {})).rejects.toMatchObject({
      code: "CONTAINER_FAILED",
      message: expect.stringMatching(
        /^cannot read the log of container mol-eng-absent: .*no such container/i,
      ),
    });
  });

  test("a caller that aborts during creation leaves nothing behind", async () => {
    const leave = new AbortController();
    const spec = {
      name: "mol-eng-left",
      imageId,
      platform: defaultPlatform,
      env: {},
      args: undefined,
      labels: {},
    };
    const creating = engine.createContainer({ ...spec, autoRemove: false }, { signal: leave.signal });
    setImmediate(() => leave.abort());
    await expect(creating).rejects.toMatchObject({ code: "CANCELLED" });
    expect(await engine.inspectContainer("mol-eng-left")).toBeUndefined();
  });

  function bare(): Promise<{ readonly imageId: string }> {
    return engine.buildImage({
      context: contextOf('ENTRYPOINT ["/no-such-program"]'),
      platform: defaultPlatform,
      labels: {},
      target: undefined,
      buildArgs: {},
      noCache: false,
      pullBases: false,
      report: keepReport(),
    });
  }
});
