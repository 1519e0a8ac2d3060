import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { text } from "node:stream/consumers";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import type { ContainerEngine, EnsuredImage } from "@molecule/core";
import { createDockerEngine, findEngineEndpoint } from "@molecule/engine";
import { describeWithEngine } from "@molecule/test-fixtures";
import { createProvisioner, type Provisioner } from "./index.js";
import { buildShellImage } from "./build-shell-image.test.support.js";
import { readyImage } from "./fake-engine.test.support.js";

describeWithEngine({ describe, test }, "containers from ready images", ({ address }) => {
  const reference = `molecule-test/provisioner-${randomBytes(4).toString("hex")}:one`;
  let engine: ContainerEngine;
  let image: EnsuredImage;
  let other: string;
  let provisioner: Provisioner;
  let name: string;
  const names: string[] = [];

  beforeAll(async () => {
    engine = createDockerEngine(() =>
      findEngineEndpoint({ env: { DOCKER_HOST: address }, home: "/nonexistent" }),
    );
    const imageId = await buildShellImage(engine, "one");
    other = await buildShellImage(engine, "two");
    await engine.tagImage(imageId, reference);
    image = readyImage({ imageId, reference, engine: { kind: "docker", address } });
    provisioner = createProvisioner({ images: { ensure: () => Promise.resolve(image) }, engine });
  });
  afterAll(async () => {
    await engine.removeImage(reference);
    await engine.close();
  });
  const unique = (): string => {
    name = `mol-provisioner-${randomBytes(4).toString("hex")}`;
    names.push(name);
    return name;
  };
  afterEach(async () => {
    for (const made of names.splice(0)) await engine.removeContainer(made, { force: true });
  });

  const sleep = ["sleep 600"];

  test("start under a name, with labels, variables and arguments", async () => {
    const request = {
      runtime: "hermes",
      name: unique(),
      env: { WHO: "ü = x" },
      labels: { team: "a" },
      attach: true,
    };
    const started = await provisioner.start({ ...request, args: ['echo "hi $WHO"; echo no >&2; exit 7'] });
    expect(started).toMatchObject({ name, image });
    expect(await engine.inspectContainer(name)).toMatchObject({
      id: started.id,
      imageId: image.imageId,
      labels: {
        team: "a",
        "molecule.container.managed-by": "molecule-image",
        "molecule.container.runtime": "hermes",
      },
    });
    const { output, exited } = started;
    if (output === undefined) throw new Error("the container is not attached");
    expect(await Promise.all([text(output.stdout), text(output.stderr), exited])).toEqual([
      "hi ü = x\n",
      "no\n",
      { exitCode: 7 },
    ]);
  });

  test("get a name from the engine and the image's own command by default", async () => {
    const started = await provisioner.start({ runtime: "hermes", attach: true });
    names.push(started.name);
    expect(started.name).not.toBe("");
    if (started.output === undefined) throw new Error("the container is not attached");
    started.output.stderr.resume();
    expect(await text(started.output.stdout)).toBe("image one\n");
  });

  test("have no output unless it was requested", async () => {
    const started = await provisioner.start({ runtime: "hermes", name: unique() });
    expect(started.output).toBeUndefined();
    expect(await started.exited).toEqual({ exitCode: 0 });
  });

  test("run exactly the ensured image, even if its name has moved", async () => {
    const moving = createProvisioner({
      images: {
        ensure: async () => {
          await engine.tagImage(other, reference);
          return image;
        },
      },
      engine,
    });
    const started = await moving.start({ runtime: "hermes", name: unique(), attach: true });
    if (started.output === undefined) throw new Error("the container is not attached");
    started.output.stderr.resume();
    expect(await text(started.output.stdout)).toBe("image one\n");
    expect(await engine.inspectContainer(name)).toMatchObject({ imageId: image.imageId });
    await engine.tagImage(image.imageId, reference);
  });

  test("replace a stopped one of ours, but not a running one", async () => {
    const first = await provisioner.start({ runtime: "hermes", name: unique(), args: ["exit 0"] });
    await first.exited;
    const second = await provisioner.start({ runtime: "hermes", name, args: sleep });
    expect(second.id).not.toBe(first.id);
    expect(await engine.inspectContainer(first.id)).toBeUndefined();
    await expect(provisioner.start({ runtime: "hermes", name })).rejects.toMatchObject({
      code: "CONTAINER_CONFLICT",
      message: expect.stringContaining(name),
    });
    expect(await engine.inspectContainer(second.id)).toMatchObject({ running: true });
    const third = await provisioner.start({ runtime: "hermes", name, args: sleep, replace: true });
    expect(await engine.inspectContainer(name)).toMatchObject({ id: third.id, running: true });
  });

  test("keep a foreign one unless `replace` is set", async () => {
    const spec = {
      name: unique(),
      imageId: other,
      platform: image.platform,
      env: {},
      args: sleep,
      labels: {},
      autoRemove: false,
    };
    const { id } = await engine.createContainer(spec);
    await expect(provisioner.start({ runtime: "hermes", name })).rejects.toMatchObject({
      code: "CONTAINER_CONFLICT",
    });
    expect(await engine.inspectContainer(name)).toMatchObject({ id });
    await engine.startContainer(id);
    await provisioner.start({ runtime: "hermes", name, args: sleep, replace: true });
    expect(await engine.inspectContainer(id)).toBeUndefined();
  });

  test("with autoRemove are removed when their exit is reported, with its status", async () => {
    const started = await provisioner.start({
      runtime: "hermes",
      name: unique(),
      // Enough files that removing them takes the engine a while.
      args: ["i=0; while [ $i -lt 5000 ]; do : >/f$((i++)); done; exit 3"],
      autoRemove: true,
    });
    expect(await started.exited).toEqual({ exitCode: 3 });
    expect(await engine.inspectContainer(name)).toBeUndefined();
  });

  test("do not end a host that ignores `exited` and closes its engine", async () => {
    const moduleAt = (path: string): string => JSON.stringify(new URL(path, import.meta.url).href);
    const request = JSON.stringify({ image, name: unique(), args: sleep });
    const script = `
      import { setTimeout as sleep } from "node:timers/promises";
      import { createDockerEngine } from ${moduleAt("../../engine/dist/index.js")};
      import { createProvisioner } from ${moduleAt("../dist/index.js")};
      const engine = createDockerEngine({
        kind: "unix",
        address: ${JSON.stringify(address)},
        socketPath: ${JSON.stringify(address.replace(/^unix:\/\//, ""))},
      });
      const images = { ensure: () => Promise.reject(new Error("not used")) };
      await createProvisioner({ images, engine }).start(${request});
      await engine.close();
      await sleep(100);
      console.log("goes on");`;
    const run = promisify(execFile);
    // Rejects with stderr if an unhandled rejection ends the process.
    const { stdout } = await run(process.execPath, ["--input-type=module", "--eval", script]);
    expect(stdout).toBe("goes on\n");
    expect(await engine.inspectContainer(name)).toMatchObject({ running: true });
  });

  test("that cannot start leave nothing behind", async () => {
    const broken = { ...image, imageId: await buildShellImage(engine, "three", "/no-such-program") };
    const failing = createProvisioner({ images: { ensure: () => Promise.resolve(broken) }, engine });
    await expect(failing.start({ runtime: "hermes", name: unique() })).rejects.toMatchObject({
      code: "CONTAINER_FAILED",
      message: expect.stringContaining("no-such-program"),
    });
    expect(await engine.inspectContainer(name)).toBeUndefined();
  });

  test("of an image removed since are an error and never cause a pull", async () => {
    const gone = { ...image, imageId: `sha256:${"0".repeat(64)}` };
    const failing = createProvisioner({ images: { ensure: () => Promise.resolve(gone) }, engine });
    await expect(failing.start({ runtime: "hermes", name: unique() })).rejects.toMatchObject({
      code: "CONTAINER_FAILED",
    });
    expect(await engine.inspectContainer(name)).toBeUndefined();
  });

  test("are stopped and removed by name, idempotently", async () => {
    const started = await provisioner.start({ runtime: "hermes", name: unique(), args: sleep });
    await expect(provisioner.remove(name)).rejects.toMatchObject({ code: "CONTAINER_CONFLICT" });
    await provisioner.stop(name, { graceSeconds: 0 });
    expect((await started.exited).exitCode).not.toBe(0);
    await provisioner.stop(name);
    await provisioner.remove(name);
    await provisioner.remove(name);
    await provisioner.stop(name);
    expect(await engine.inspectContainer(name)).toBeUndefined();
  });
});
