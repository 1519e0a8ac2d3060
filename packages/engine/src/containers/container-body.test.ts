import { describe, expect, test } from "@jest/globals";
import { defaultPlatform, type ContainerCreateOptions, type ContainerSpec } from "@molecule/core";
import type { ContainerCreateOptions as DockerodeOptions } from "dockerode";
import { containerBody } from "./container-body.js";

const imageId = `sha256:${"a".repeat(64)}`;
const spec: ContainerSpec = {
  name: "mine",
  imageId,
  platform: defaultPlatform,
  env: {},
  args: undefined,
  labels: {},
  autoRemove: false,
};

/** Compiles only if a value of dockerode's type is accepted. */
const accepted = (options: DockerodeOptions): ContainerCreateOptions => options;

describe("the body of a create call", () => {
  test("has everything of `create`", () => {
    const create = accepted({
      User: "1000:1000",
      Healthcheck: { Test: ["CMD", "true"] },
      ExposedPorts: { "80/tcp": {} },
      HostConfig: {
        Binds: ["/a:/b:ro"],
        PortBindings: { "80/tcp": [{ HostIp: "127.0.0.1", HostPort: "0" }] },
        Memory: 1024,
        RestartPolicy: { Name: "on-failure", MaximumRetryCount: 2 },
        ReadonlyRootfs: true,
        Privileged: true,
        LogConfig: { Type: "json-file", Config: { "max-size": "1m" } },
      },
      NetworkingConfig: { EndpointsConfig: { mine: { Aliases: ["web"] } } },
    });
    const { HostConfig, ...others } = create;
    expect(containerBody({ ...spec, create })).toEqual({
      ...others,
      Image: imageId,
      Env: [],
      Labels: {},
      HostConfig: { ...HostConfig, AutoRemove: false },
    });
  });

  test("merges labels and variables, and prefers those of the spec", () => {
    const create = { Env: ["A=1", "B=2", "C"], Labels: { a: "1", b: "2" } };
    expect(containerBody({ ...spec, env: { B: "3" }, labels: { b: "3" }, create })).toMatchObject({
      Env: ["A=1", "C", "B=3"],
      Labels: { a: "1", b: "3" },
    });
  });

  test("prefers input, terminal and arguments of the spec", () => {
    const create = { Cmd: ["a"], Tty: false, OpenStdin: false };
    expect(containerBody({ ...spec, args: ["b"], terminal: true, stdin: true, create })).toMatchObject({
      Cmd: ["b"],
      Tty: true,
      OpenStdin: true,
    });
    expect(containerBody({ ...spec, create: { Cmd: ["a"], Tty: true } })).toMatchObject({
      Cmd: ["a"],
      Tty: true,
    });
  });

  test("always has the image of the spec", () => {
    const create = accepted({ Image: "busybox" });
    expect(containerBody({ ...spec, create })).toMatchObject({ Image: imageId });
  });
});
