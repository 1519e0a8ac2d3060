import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { parsePlatform, type EngineDescription } from "@molecule/core";
import { checkPlatform } from "./check-platform.js";

let binfmt: string;
beforeEach(async () => {
  binfmt = await mkdtemp(join(tmpdir(), "binfmt-"));
});
afterEach(() => rm(binfmt, { recursive: true, force: true }));

const check = async (native: string, wanted: string | undefined, address = "unix:///d.sock") => {
  const engine: EngineDescription = {
    ...{ kind: "docker", address, version: "1", apiVersion: "1", buildkit: true },
    platform: parsePlatform(native),
  };
  return checkPlatform(engine, wanted === undefined ? undefined : parsePlatform(wanted), binfmt);
};

test("needs no emulator for the engine's own platform and those its processor also runs", async () => {
  expect((await check("linux/arm64", undefined)).ok).toBe(true);
  expect((await check("linux/amd64", "linux/386")).ok).toBe(true);
  expect((await check("linux/arm64", "linux/arm/v7")).ok).toBe(true);
});

test("needs a registered and enabled emulator for another platform", async () => {
  expect((await check("linux/amd64", "linux/arm64")).ok).toBe(false);
  await writeFile(join(binfmt, "qemu-aarch64"), "disabled\n");
  expect(await check("linux/amd64", "linux/arm64")).toMatchObject({
    ok: false,
    message: expect.stringContaining("qemu-aarch64"),
    hint: expect.stringContaining("MOLECULE_IMAGE_PLATFORM"),
  });
  await writeFile(join(binfmt, "qemu-aarch64"), "enabled\ninterpreter /usr/bin/qemu\n");
  expect((await check("linux/amd64", "linux/arm64")).ok).toBe(true);
});

test("makes no claim about an engine on another machine", async () => {
  expect(await check("linux/amd64", "linux/arm64", "tcp://h:2376")).toMatchObject({
    ok: true,
    message: expect.stringContaining("cannot check its emulation"),
  });
});
