import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import type { ContainerEngine, ImageProvider } from "@molecule/core";
import { createDockerEngine, findEngineEndpoint } from "@molecule/engine";
import {
  describeWithEngine,
  startRegistry,
  temporaryDirectory,
  type Registry,
  type TemporaryDirectory,
} from "@molecule/test-fixtures";
import { openSource } from "./open-source.test.support.js";
import { publish } from "./publish.test.support.js";

const hour = 3_600_000;

describeWithEngine({ describe, test }, "when the registry is contacted", ({ address }) => {
  let engine: ContainerEngine;
  let registry: Registry;
  let directory: TemporaryDirectory;
  const pulls: string[] = [];
  beforeAll(async () => {
    const real = createDockerEngine(() =>
      findEngineEndpoint({ env: { DOCKER_HOST: address }, home: "/nonexistent" }),
    );
    engine = {
      ...real,
      pullImage: (request, call) => {
        pulls.push(request.reference);
        return real.pullImage(request, call);
      },
    };
    registry = await startRegistry();
    directory = await temporaryDirectory();
  });
  afterAll(async () => {
    await engine.close();
    await registry.stop();
    await directory.remove();
  });

  let tests = 0;
  let prefix: string;
  let reference: string;
  let cacheDir: string;
  let now: number;
  beforeEach(() => {
    pulls.length = 0;
    prefix = `${registry.host}/policies/test-${String(++tests)}`;
    reference = `${prefix}/workspace-template-hermes:latest`;
    cacheDir = join(directory.path, `cache-${String(tests)}`);
    now = Date.UTC(2026, 10, 25);
  });
  const open = (pullPolicy: unknown, more: { readonly cacheDir?: string } = {}): Promise<ImageProvider> =>
    openSource({ engine, prefix, options: { pullPolicy }, cacheDir, wallMs: () => now, ...more });

  test("every_6h pulls if the last pull is older, whichever process made it", async () => {
    const first = await publish(engine, address, reference);
    const images = await open("every_6h");
    expect(await images.ensure("hermes")).toMatchObject({ ...first, cached: false });
    now += 6 * hour - 1;
    // Another process of the same user.
    expect(await (await open("every_6h")).ensure("hermes")).toMatchObject({ ...first, cached: true });
    const second = await publish(engine, address, reference);
    await engine.pullImage({
      reference,
      platform: undefined,
      report: { amount() {}, output() {}, quiet() {} },
    });
    // Tagged by something else, so it is not the image that we pulled.
    expect(await images.plan("hermes")).toMatchObject({
      hit: false,
      why: "pullPolicy is every_6h, and the image present is not the one last pulled",
    });
    pulls.length = 0;
    expect(await images.ensure("hermes")).toMatchObject({ ...second, cached: false });
    expect(await images.ensure("hermes")).toMatchObject({ cached: true });
    now += 6 * hour;
    expect(await images.plan("hermes")).toMatchObject({
      hit: false,
      why: "pullPolicy is every_6h, and it was last pulled 21600 s ago",
    });
    expect(await images.ensure("hermes")).toMatchObject({ ...second, cached: false });
    expect(pulls).toHaveLength(2);
  });

  test("a refresh counts as a pull, and a clock that was ahead does not block pulls", async () => {
    await publish(engine, address, reference);
    const images = await open("every_6h");
    await images.ensure("hermes");
    now += 7 * hour;
    await images.refresh("hermes");
    expect(await images.ensure("hermes")).toMatchObject({ cached: true });
    now -= 1;
    expect(await images.ensure("hermes")).toMatchObject({ cached: false });
    expect(pulls).toHaveLength(3);
  });

  test.each([
    ["an unwritable cache", async () => undefined, "/dev/null/cache"],
    [
      "an invalid record",
      async () => {
        for (const name of await readdir(join(cacheDir, ".pulls")))
          await writeFile(join(cacheDir, ".pulls", name), '{"imageId":7,"pulledAt":"now"}');
      },
      undefined,
    ],
    [
      "a directory instead of the record",
      async () => {
        for (const name of await readdir(join(cacheDir, ".pulls")))
          await mkdir(join(cacheDir, ".pulls", name, "x"), { recursive: true }).catch(() => undefined);
      },
      undefined,
    ],
  ])("every_6h still pulls with %s", async (_what, damage, place) => {
    const published = await publish(engine, address, reference);
    const images = await open("every_6h", place === undefined ? {} : { cacheDir: place });
    await images.ensure("hermes");
    await damage();
    expect(await images.ensure("hermes")).toMatchObject(published);
    expect(pulls.length).toBeGreaterThan(0);
  });

  test("a record is one small private file", async () => {
    const { imageId, digest } = await publish(engine, address, reference);
    await (await open("missing")).ensure("hermes");
    const names = await readdir(join(cacheDir, ".pulls"));
    expect(names).toEqual([expect.stringMatching(/^[0-9a-f]{32}\.json$/)]);
    const text = await readFile(join(cacheDir, ".pulls", String(names[0])), "utf8");
    expect(JSON.parse(text)).toEqual({ imageId, digest, pulledAt: now });
  });

  test("uses the policy of the runtime, else the default one", async () => {
    const other = `${prefix}/workspace-template-codex:latest`;
    await publish(engine, address, reference);
    await publish(engine, address, other);
    const images = await open({ hermes: "always", default: "never" });
    await images.ensure("hermes");
    await images.ensure("hermes");
    expect(pulls).toEqual([reference, reference]);
    await expect(images.ensure("codex")).rejects.toMatchObject({ code: "SOURCE_NOT_FOUND" });
    expect(pulls).toHaveLength(2);
  });
});
