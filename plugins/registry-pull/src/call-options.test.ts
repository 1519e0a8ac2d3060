import { expect, test } from "@jest/globals";
import {
  defaultPlatform,
  platformParts,
  type ContainerEngine,
  type ImageInspection,
  type ImageProvider,
  type Platform,
} from "@molecule/core";
import { openSource, untouchableEngine } from "./open-source.test.support.js";

const prefix = "registry.example.com/acme";
const configured = `sha256:${"1".repeat(64)}`;
const requested = `sha256:${"2".repeat(64)}`;

/** Opens the source with an engine that pulls whatever it is asked for, and records it. */
async function open(): Promise<{ images: ImageProvider; pulls: string[] }> {
  const pulls: string[] = [];
  const present = new Map<string, ImageInspection>();
  const engine: ContainerEngine = {
    ...untouchableEngine,
    identify: async () => ({ kind: "docker", address: "unix:///memory" }),
    describe: async () => ({
      kind: "docker",
      address: "unix:///memory",
      version: "0",
      apiVersion: "0",
      platform: "linux/riscv64" as Platform,
      buildkit: false,
    }),
    inspectImage: async (name) => present.get(name),
    pullImage: async ({ reference, platform = defaultPlatform }) => {
      pulls.push(`${reference} ${platform}`);
      present.set(reference, {
        id: `sha256:${"a".repeat(64)}`,
        ...platformParts(platform),
        labels: {},
        tags: [],
        digests: reference.includes("@") ? [reference] : [],
        sizeBytes: 0,
        taggedAt: null,
      });
      return { digest: undefined };
    },
    close: async () => undefined,
  };
  const images = await openSource({ engine, prefix, options: { pins: { codex: configured } } });
  return { images, pulls };
}

test("a digest in a call is pulled instead of the tag and of the configured pin", async () => {
  const { images, pulls } = await open();
  const reference = (runtime: string) => `${prefix}/workspace-template-${runtime}@${requested}`;
  for (const runtime of ["hermes", "codex"]) {
    expect(await images.ensure(runtime, { digest: requested })).toMatchObject({
      reference: reference(runtime),
      digest: requested,
    });
  }
  expect(pulls).toEqual([`${reference("hermes")} linux/amd64`, `${reference("codex")} linux/amd64`]);
});

test("a platform in a call is pulled instead of the configured one", async () => {
  const { images, pulls } = await open();
  expect(await images.ensure("hermes", { platform: "linux/arm64" })).toMatchObject({
    platform: "linux/arm64",
  });
  expect(await images.ensure("hermes", { platform: "native" })).toMatchObject({ platform: "linux/riscv64" });
  expect(pulls.map((pull) => pull.split(" ")[1])).toEqual(["linux/arm64", "linux/riscv64"]);
});

test("a revision in a call is refused before the engine is contacted", async () => {
  const images = await openSource({ engine: untouchableEngine, prefix });
  await expect(images.ensure("hermes", { revision: "3".repeat(40) })).rejects.toMatchObject({
    code: "CONFIG_INVALID",
    message: "the source registry-pull does not support the option revision, only digest and platform",
  });
});
