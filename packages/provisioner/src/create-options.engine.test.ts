import { randomBytes } from "node:crypto";
import { text } from "node:stream/consumers";
import * as runner from "@jest/globals";
import { afterAll, afterEach, beforeAll, expect, test } from "@jest/globals";
import type { ContainerEngine, EnsuredImage } from "@molecule/core";
import { createDockerEngine, findEngineEndpoint } from "@molecule/engine";
import { describeWithEngine, describeWithPodman } from "@molecule/test-fixtures";
import { createProvisioner, type Provisioner } from "./index.js";
import { buildShellImage } from "./build-shell-image.test.support.js";
import { askEngine } from "./engine-api.test.support.js";
import { readyImage } from "./fake-engine.test.support.js";

describeWithEngine(runner, "what a host passes to the engine", ({ address }) => {
  createTests(() => address);
});

describeWithPodman(runner, "what a host passes to the engine, with Podman", (podman) => {
  createTests(() => podman().address);
});

function createTests(address: () => string): void {
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
    await askEngine(address(), "POST", "/networks/create", { Name: unique, Driver: "bridge" });
  });
  afterEach(async () => {
    for (const container of await provisioner.listContainers({ labels: { test: unique } })) {
      await provisioner.remove(container, { force: true });
    }
  });
  afterAll(async () => {
    // Podman has already stopped, with its storage.
    for (const path of [`/networks/${unique}`, `/volumes/${unique}`]) {
      await askEngine(address(), "DELETE", path).catch(() => undefined);
    }
    await engine.close();
  });

  const sh = async (container: string, script: string): Promise<string> => {
    const { exitCode, stdout, stderr } = await provisioner.exec(container, ["/bin/sh", "-c", script]);
    expect([exitCode, stderr]).toEqual([0, ""]);
    return stdout;
  };
  const labels = { test: unique };

  test("reaches it: user, volumes, ports, networks, limits, restart policy, health check, …", async () => {
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
        ExposedPorts: { "8080/tcp": {} },
        Healthcheck: { Test: ["CMD", "/bin/sh", "-c", "exit 0"], Interval: 30_000_000_000 },
        HostConfig: {
          Binds: [`${unique}:/data`],
          Tmpfs: { "/scratch": "size=1m,mode=1777" },
          PortBindings: { "8080/tcp": [{ HostIp: "127.0.0.1", HostPort: "" }] },
          Memory: 64 * 1024 * 1024,
          PidsLimit: 50,
          RestartPolicy: { Name: "on-failure", MaximumRetryCount: 2 },
          CapDrop: ["NET_RAW"],
          Devices: [{ PathOnHost: "/dev/null", PathInContainer: "/dev/mine", CgroupPermissions: "rw" }],
          LogConfig: { Type: "json-file", Config: { "max-size": "1m" } },
        },
        NetworkingConfig: { EndpointsConfig: { [unique]: { Aliases: ["workspace"] } } },
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
      NetworkSettings: {
        Ports: { "8080/tcp": [{ HostIp: "127.0.0.1", HostPort: expect.stringMatching(/^\d+$/) }] },
        Networks: { [unique]: { Aliases: expect.arrayContaining(["workspace"]) } },
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
    for (let round = 0; round < 2; round += 1) {
      const starts = [1, 2].map(() =>
        createProvisioner({ images: { ensure: () => Promise.resolve(image), engine } }).start({
          image,
          name: unique,
          labels,
          args: forever,
        }),
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
}
