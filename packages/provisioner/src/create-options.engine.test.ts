import { randomBytes } from "node:crypto";
import { text } from "node:stream/consumers";
import * as runner from "@jest/globals";
import { afterAll, afterEach, beforeAll, expect, test } from "@jest/globals";
import type { ContainerCreateOptions, ContainerEngine, EnsuredImage } from "@molecule/core";
import { createDockerEngine, findEngineEndpoint } from "@molecule/engine";
import { describeWithEngine, describeWithPodman } from "@molecule/test-fixtures";
import { createProvisioner, type Provisioner, type StartedContainer } from "./index.js";
import { buildShellImage } from "./build-shell-image.test.support.js";
import { askEngine } from "./engine-api.test.support.js";
import { readyImage } from "./fake-engine.test.support.js";

describeWithEngine(runner, "what a host passes to the engine", ({ address }) => {
  const { started } = createTests(() => address);

  test("reaches it: ports, a network and aliases", async () => {
    const Name = `mol-network-${randomBytes(4).toString("hex")}`;
    await askEngine(address, "POST", "/networks/create", { Name, Driver: "bridge" });
    try {
      const container = await started({
        ExposedPorts: { "8080/tcp": {} },
        HostConfig: {
          PortBindings: { "8080/tcp": [{ HostIp: "127.0.0.1", HostPort: "" }] },
          NetworkMode: Name,
        },
        NetworkingConfig: { EndpointsConfig: { [Name]: { Aliases: ["workspace"] } } },
      });
      expect(await askEngine(address, "GET", `/containers/${container.id}/json`)).toMatchObject({
        NetworkSettings: {
          Ports: { "8080/tcp": [{ HostIp: "127.0.0.1", HostPort: expect.stringMatching(/^\d+$/) }] },
          Networks: { [Name]: { Aliases: expect.arrayContaining(["workspace"]) } },
        },
      });
      await container.engine.removeContainer(container.id, { force: true });
    } finally {
      await askEngine(address, "DELETE", `/networks/${Name}`);
    }
  });
});

describeWithPodman(runner, "what a host passes to the engine, with Podman", (podman) => {
  createTests(() => podman().address);
});

interface CreateTests {
  readonly started: (create: ContainerCreateOptions) => Promise<StartedContainer>;
}

function createTests(address: () => string): CreateTests {
  const unique = `mol-create-${randomBytes(4).toString("hex")}`;
  const forever = ["trap 'exit 0' TERM; echo up; while :; do sleep 0.1; done"];
  let engine: ContainerEngine;
  let image: EnsuredImage;
  let provisioner: Provisioner;

  beforeAll(async () => {
    engine = createDockerEngine(() =>
      findEngineEndpoint({ env: { DOCKER_HOST: address() }, home: "/nonexistent" }),
    );
    const imageId = await buildShellImage(engine, "create");
    image = readyImage({ imageId, engine: await engine.identify() });
    provisioner = createProvisioner({
      images: { ensure: () => Promise.reject(new Error("unused")), engine },
    });
  });
  afterEach(async () => {
    for (const container of await provisioner.listContainers({ labels: { test: unique } })) {
      await provisioner.remove(container, { force: true });
    }
  });
  afterAll(async () => {
    // Podman has already stopped, with its storage.
    await askEngine(address(), "DELETE", `/volumes/${unique}`).catch(() => undefined);
    await engine.close();
  });

  const sh = async (container: string, script: string): Promise<string> => {
    const { exitCode, stdout, stderr } = await provisioner.exec(container, ["/bin/sh", "-c", script]);
    expect([exitCode, stderr]).toEqual([0, ""]);
    return stdout;
  };
  const labels = { test: unique };

  test("reaches it: user, volumes, limits, devices, restart policy, health check, …", async () => {
    const { id } = await provisioner.start({
      image,
      name: unique,
      labels,
      args: forever,
      env: { A: "1" },
      files: {
        "/etc/app/config.json": '{"a":1}\n',
        "/data/key": { content: "secret\n", mode: 0o600, uid: 1234 },
      },
      create: {
        User: "1234:5678",
        Env: ["A=0", "B=2"],
        StopSignal: "SIGTERM",
        Healthcheck: { Test: ["CMD", "/bin/sh", "-c", "exit 0"], Interval: 30_000_000_000 },
        HostConfig: {
          Binds: [`${unique}:/data`],
          Tmpfs: { "/scratch": "size=1m,mode=1777" },
          Memory: 64 * 1024 * 1024,
          PidsLimit: 50,
          RestartPolicy: { Name: "on-failure", MaximumRetryCount: 2 },
          CapDrop: ["NET_RAW"],
          Devices: [{ PathOnHost: "/dev/null", PathInContainer: "/dev/mine", CgroupPermissions: "rw" }],
          LogConfig: { Type: "json-file", Config: { "max-size": "1m" } },
        },
      },
    });
    expect(await askEngine(address(), "GET", `/containers/${id}/json`)).toMatchObject({
      Config: { User: "1234:5678", Healthcheck: { Interval: 30_000_000_000 } },
      HostConfig: {
        Memory: 64 * 1024 * 1024,
        PidsLimit: 50,
        RestartPolicy: { Name: "on-failure", MaximumRetryCount: 2 },
        LogConfig: { Type: "json-file" },
      },
    });
    const script = `
      echo "$A $B"; read config < /etc/app/config.json; echo "$config"; read key < /data/key; echo "$key"
      : > /scratch/a && : > /dev/mine && echo written; echo denied 2>/dev/null > /etc/app/config.json || echo read-only`;
    expect(await sh(id, script)).toBe('1 2\n{"a":1}\nsecret\nwritten\nread-only\n');
  });

  test("reaches it: a read-only root, security options, and files in a volume below it", async () => {
    const { id } = await provisioner.start({
      image,
      labels,
      args: forever,
      files: { "/config/app.json": "{}\n" },
      create: {
        HostConfig: {
          Binds: [`${unique}:/config`],
          ReadonlyRootfs: true,
          SecurityOpt: ["no-new-privileges"],
        },
      },
    });
    expect(
      await sh(id, "read config < /config/app.json; echo $config; echo a 2>/dev/null > /a || echo no"),
    ).toBe("{}\nno\n");
    await provisioner.copyInto(id, { "/config/sub/app.json": "[]\n" });
    expect(await sh(id, "read config < /config/sub/app.json; echo $config")).toBe("[]\n");
    expect(await askEngine(address(), "GET", `/containers/${id}/json`)).toMatchObject({
      HostConfig: { ReadonlyRootfs: true, SecurityOpt: ["no-new-privileges"] },
    });
  });

  test("is refused by it with its own words, and leaves nothing behind", async () => {
    const create = { HostConfig: { NetworkMode: "no-such-network" } };
    await expect(provisioner.start({ image, name: unique, labels, create })).rejects.toMatchObject({
      code: "CONTAINER_FAILED",
      message: expect.stringContaining("no-such-network"),
    });
    expect(await provisioner.listContainers({ labels })).toEqual([]);
  });

  test("follows the log until the exit, and runs programs with an exit code", async () => {
    const container = await provisioner.start({ image, labels, args: forever });
    const { stdout, stderr } = await provisioner.logs(container, { follow: true });
    await new Promise((resolve) => stdout.once("readable", resolve));
    const program = ["/bin/sh", "-c", 'echo "$WHO"; echo no >&2; exit 7'];
    expect(await provisioner.exec(container, program, { env: { WHO: "ü" } })).toEqual({
      exitCode: 7,
      stdout: "ü\n",
      stderr: "no\n",
    });
    expect(await provisioner.listContainers({ labels })).toMatchObject([
      { id: container.id, name: container.name, imageId: image.imageId, state: "running", labels },
    ]);
    await provisioner.stop(container);
    expect(await Promise.all([text(stdout), text(stderr)])).toEqual(["up\n", ""]);
    await expect(provisioner.exec(container, ["/bin/sh"])).rejects.toMatchObject({
      code: "CONTAINER_FAILED",
    });
    const last = await provisioner.logs(container, { tail: 1 });
    expect(await text(last.stdout)).toBe("up\n");
  });

  test("starts once under one name that two provisioners use at the same time", async () => {
    const request = { image, name: unique, labels, args: forever };
    for (let round = 0; round < 2; round += 1) {
      const starts = [1, 2].map(() =>
        createProvisioner({ images: { ensure: () => Promise.resolve(image), engine } }).start(request),
      );
      const results = await Promise.allSettled(starts);
      expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
      expect(results.find(({ status }) => status === "rejected")).toMatchObject({
        reason: { code: "CONTAINER_CONFLICT" },
      });
      expect(await provisioner.listContainers({ labels })).toMatchObject([
        { name: unique, state: "running" },
      ]);
      await provisioner.remove(unique, { force: true });
    }
  });

  test("keeps a running container, and its name", async () => {
    const container = await provisioner.start({ image, name: unique, labels, args: forever });
    const { imageId, platform } = image;
    const spec = { name: unique, imageId, platform, env: {}, args: undefined, labels, autoRemove: false };
    const conflict = { code: "CONTAINER_CONFLICT" };
    await expect(engine.createContainer(spec)).rejects.toMatchObject(conflict);
    await expect(provisioner.remove(container)).rejects.toMatchObject(conflict);
    expect(await provisioner.listContainers({ labels })).toMatchObject([
      { id: container.id, state: "running" },
    ]);
  });

  return { started: (create) => provisioner.start({ image, labels, args: forever, create }) };
}
