import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { parsePlatform, type EngineDescription, type Verdict } from "@molecule/core";
import { checkPlatform, type PlatformQuestion } from "./check-platform.js";

let binfmt: string;
beforeEach(async () => {
  binfmt = await mkdtemp(join(tmpdir(), "binfmt-"));
  await writeFile(join(binfmt, "status"), "enabled\n");
});
afterEach(() => rm(binfmt, { recursive: true, force: true }));

interface Asked {
  readonly address?: string;
  readonly images?: PlatformQuestion["images"];
}

const check = async (
  native: string,
  wanted: string | undefined,
  { address = "unix:///d.sock", images = "built" }: Asked = {},
): Promise<Verdict> => {
  const engine: EngineDescription = {
    ...{ kind: "docker", address, version: "1", apiVersion: "1", buildkit: true },
    platform: parsePlatform(native),
  };
  const platform = wanted === undefined ? undefined : parsePlatform(wanted);
  return checkPlatform(engine, { platform, images }, binfmt);
};

test("needs no emulator for the engine's own platform and those its processor also runs", async () => {
  for (const [native, wanted] of [
    ["linux/arm64", undefined],
    ["linux/arm64", "linux/arm64"],
    ["linux/amd64", "linux/386"],
    ["linux/arm64", "linux/arm/v7"],
  ] as const)
    expect(await check(native, wanted)).toEqual({
      ok: true,
      message: expect.any(String),
      hint: "",
    });
});

test("needs a registered and enabled emulator for another platform", async () => {
  expect((await check("linux/amd64", "linux/arm64")).ok).toBe(false);
  await writeFile(join(binfmt, "qemu-aarch64"), "disabled\n");
  expect(await check("linux/amd64", "linux/arm64")).toMatchObject({
    ok: false,
    message: expect.stringContaining("qemu-aarch64"),
    hint: expect.stringContaining("MOLECULE_IMAGE_PLATFORM=native"),
  });
  expect((await check("linux/amd64", "linux/arm64", { images: "pulled" })).ok).toBe(false);
});

test("warns that builds or containers are emulated, and how to avoid it", async () => {
  await writeFile(join(binfmt, "qemu-aarch64"), "enabled\ninterpreter /usr/bin/qemu\n");
  expect(await check("linux/amd64", "linux/arm64")).toMatchObject({
    ok: true,
    level: "warn",
    message: expect.stringMatching(/builds are emulated by qemu-aarch64$/),
    hint: expect.stringContaining("MOLECULE_IMAGE_PLATFORM=native"),
  });
  const pulled = await check("linux/amd64", "linux/arm64", { images: "pulled" });
  expect(pulled).toMatchObject({
    ok: true,
    level: "warn",
    message: expect.stringMatching(/containers are emulated by qemu-aarch64$/),
    hint: "Set MOLECULE_IMAGE_PLATFORM=native if the registry has images for linux/amd64.",
  });
  const loaded = await check("linux/amd64", "linux/arm64", { images: "loaded" });
  expect(loaded).toMatchObject({
    level: "warn",
    message: expect.stringMatching(/containers are emulated by qemu-aarch64$/),
    hint: "Set MOLECULE_IMAGE_PLATFORM=native to build for linux/amd64.",
  });
});

test.each<[string, Asked]>([
  ["an engine on another machine", { address: "tcp://h:2376" }],
  ["an engine in a virtual machine, as on macOS", {}],
])("does not claim that %s has an emulator, or lacks one", async (_what, asked) => {
  if (asked.address === undefined) await rm(binfmt, { recursive: true });
  expect(await check("linux/arm64", "linux/amd64", asked)).toMatchObject({
    ok: true,
    level: "warn",
    message: expect.stringContaining("cannot check the emulator"),
  });
  expect(await check("linux/arm64", "linux/amd64", { ...asked, images: "pulled" })).toMatchObject({
    ok: true,
    level: "warn",
    message: expect.stringContaining("cannot check the emulator"),
  });
});
