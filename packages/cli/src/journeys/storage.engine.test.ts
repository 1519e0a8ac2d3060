import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { describeWithEngine, mountSmallDisk, type SmallDisk } from "@molecule/test-fixtures";
import { helloTemplate } from "@molecule/testkit";
import { openWorld, type World } from "./command-world.test.support.js";

describeWithEngine({ describe, test }, "an unwritable directory", ({ address }) => {
  let world: World;
  let disk: SmallDisk;
  beforeEach(async () => {
    [world, disk] = [await openWorld(address), await mountSmallDisk(4)];
  });
  afterEach(async () => {
    await world.close();
    await disk.remove();
  });

  async function expectUnusable(env: Readonly<Record<string, string | undefined>>): Promise<void> {
    const { status, answer } = await world.json(["ensure", "hermes"], env);
    expect([status, answer.results?.[0]?.error]).toMatchObject([
      4,
      { code: "STORAGE_UNUSABLE", message: expect.stringContaining(disk.path), source: "gitea-local-build" },
    ]);
  }

  async function expectReady(env: Readonly<Record<string, string | undefined>>): Promise<void> {
    const { status, answer } = await world.json(["ensure", "hermes"], env);
    expect([status, answer.results?.[0]?.ok]).toEqual([0, true]);
  }

  test("names a full cache, leaves nothing partial in it, and works once there is space", async () => {
    const large = "0123456789abcdef".repeat(65_536 * 6);
    await world.forge.addTemplate("hermes", { ...helloTemplate({ message: "full cache" }), large });
    const env = { MOLECULE_LOCAL_BUILD_CACHE: join(disk.path, "cache") };
    await expectUnusable(env);
    expect(await readdir(join(disk.path, "cache", "hermes"))).toEqual([]);
    await disk.resize(64);
    await expectReady(env);
  });

  test("names a cache without space for a single file", async () => {
    await world.forge.addTemplate("hermes", helloTemplate({ message: "no room at all" }));
    await mkdir(join(disk.path, "cache"));
    await writeFile(join(disk.path, "ballast"), Buffer.alloc(8 * 1024 * 1024)).catch(() => undefined);
    await expectUnusable({ MOLECULE_LOCAL_BUILD_CACHE: join(disk.path, "cache") });
  });

  test("a build names a read-only home, and works once it is writable", async () => {
    await world.forge.addTemplate("hermes", helloTemplate({ message: "read-only home" }));
    const env = { HOME: disk.path, MOLECULE_LOCAL_BUILD_CACHE: undefined };
    await disk.setReadOnly(true);
    await expectUnusable(env);
    await disk.setReadOnly(false);
    await disk.resize(64);
    await expectReady(env);
  });

  test("a build names a missing home that cannot be created", async () => {
    await world.forge.addTemplate("hermes", helloTemplate({ message: "no home" }));
    await disk.setReadOnly(true);
    await expectUnusable({ HOME: join(disk.path, "gone"), MOLECULE_LOCAL_BUILD_CACHE: undefined });
  });

  test("works with full or missing temporary directories", async () => {
    await world.forge.addTemplate("hermes", helloTemplate({ message: "no temporary directory" }));
    await writeFile(join(disk.path, "ballast"), Buffer.alloc(8 * 1024 * 1024)).catch(() => undefined);
    await expectReady({ TMPDIR: disk.path });
    await world.forge.addTemplate("codex", helloTemplate({ message: "none" }));
    const { status } = await world.json(["ensure", "codex"], { TMPDIR: join(disk.path, "gone") });
    expect(status).toBe(0);
  });
});
