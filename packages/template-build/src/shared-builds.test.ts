import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import {
  defaultPlatform,
  ImageSourceError,
  parseRuntimeName,
  silentLog,
  type ImageInspection,
  type RunResult,
} from "@molecule/core";
import { imageVerification } from "@molecule/signatures";
import {
  fakeCosign,
  printedClaims,
  signatureClaim,
  temporaryDirectory,
  type TemporaryDirectory,
} from "@molecule/test-fixtures";
import { startForge, type Forge } from "@molecule/testkit";
import * as v from "valibot";
import { buildRecords } from "./image/build-records.js";
import type { ImageBuilder } from "./image/image-builder.js";
import { asEngineLabels } from "./image/image-labels.js";
import { stubBuilder, stubImage } from "./image/stub-builder.test.support.js";
import { quietCall, sourceServices } from "./source-services.test.support.js";
import { templateOptions } from "./options/template-options.js";
import { sharedBuilds } from "./shared-builds.js";
import type { TemplateResolution } from "./template-resolution.js";
import { templateSource } from "./template-source.js";

/*
 * `share.verify` with a fake cosign and a builder in memory, for systems without cosign. The tests of the sources use the
 * real ones.
 */

const runtime = parseRuntimeName("hermes");
const registry = "r.example/fleet";
const repository = `${registry}/workspace-template-hermes`;
const digest = `sha256:${"a".repeat(64)}`;
const verify = { identity: "release@ci.example", issuer: "https://token.example" };
const signed = printedClaims(signatureClaim(repository, digest));
const unsigned = { exitCode: 10, stderr: "Error: no signatures found" };
const sharedId = `sha256:${"5".repeat(64)}`;
const builtId = `sha256:${"b".repeat(64)}`;

let place: TemporaryDirectory;
let forge: Forge;
beforeEach(async () => {
  [place, forge] = await Promise.all([temporaryDirectory(), startForge()]);
  await forge.addTemplate("hermes", { Dockerfile: "FROM scratch\n" });
});
afterEach(async () => {
  await forge.stop();
  await place.remove();
});

/** A builder in memory, whose registry has a shared build under every tag. Records the pulls and builds. */
function memoryBuilder() {
  const images = new Map<string, ImageInspection>();
  const pulls: string[] = [];
  let builds = 0;
  /** Set once the source has resolved the template. */
  const expected = { labels: {} };
  const add = (id: string, tags: readonly string[] = []): string => {
    images.set(id, stubImage({ id, labels: expected.labels, tags }));
    return id;
  };
  const named = (name: string) =>
    [...images.values()].find(({ id, tags }) => id === name || tags.includes(name));
  const untag = (reference: string): void => {
    for (const image of images.values())
      images.set(image.id, { ...image, tags: image.tags.filter((tag) => tag !== reference) });
  };
  const builder: ImageBuilder = {
    ...stubBuilder,
    askRegistry: async () => ({ digest }),
    inspect: async (name) => named(name),
    pull: async (reference) => {
      pulls.push(reference);
      return add(sharedId, [reference]);
    },
    build: async () => {
      builds++;
      return add(builtId);
    },
    untag: async (reference) => untag(reference),
    tag: async ({ id }, reference) => {
      untag(reference);
      add(id, [...(images.get(id)?.tags ?? []), reference]);
    },
  };
  return { builder, pulls, builds: () => builds, expected, tagsOf: (id: string) => images.get(id)?.tags };
}

/** Gets the image of the template twice, as two calls of a host do, with a cosign that ends with this result. */
async function getTwice(result: Partial<RunResult>) {
  const warnings: Readonly<Record<string, unknown>>[] = [];
  const log = {
    ...silentLog,
    warn: (message: string, fields = {}) => void warnings.push({ message, ...fields }),
  };
  const call = { ...quietCall, log };
  const memory = memoryBuilder();
  const env = { PATH: process.env["PATH"] };
  const cosign = fakeCosign(result);
  const services = { ...sourceServices(place.path, env, defaultPlatform), run: cosign.run, log };
  const share = { registry, verify };
  const source = templateSource({
    name: "stub",
    builder: memory.builder,
    options: v.parse(templateOptions, { repoPrefix: forge.repoPrefix(), share }),
    services,
  });

  const resolution = (await source.resolve(runtime, call)) as TemplateResolution;
  memory.expected.labels = asEngineLabels(resolution.labels);
  expect(await source.find(resolution, call)).toMatchObject({ hit: false });
  const { imageId } = await source.provide(resolution, undefined, call);
  const again = await source.find(await source.resolve(runtime, call), call);
  const record = await buildRecords(services).get(runtime, imageId);
  const engine = { askRegistry: async () => undefined };
  const policyId = await imageVerification({ verify, option: "verify" }, { ...services, engine }).policyId();
  const cosignRuns = cosign.runs.length;
  return { ...memory, imageId, again, record, policyId, warnings, cosignRuns, resolution };
}

test("a signed build is pulled by the verified digest and recorded, and the next call uses it", async () => {
  const { pulls, builds, imageId, again, record, policyId, warnings, cosignRuns, resolution, tagsOf } =
    await getTwice(signed);
  expect([imageId, pulls, builds(), warnings]).toEqual([sharedId, [`${repository}@${digest}`], 0, []]);
  expect(record).toMatchObject({ isBuilt: false, verifiedBy: policyId });
  expect(again).toMatchObject({ hit: true, image: { imageId: sharedId } });
  expect(cosignRuns).toBe(1);
  // No name of the registry is left.
  expect(tagsOf(sharedId)).toEqual([resolution.reference, resolution.alias]);
});

test("an unsigned build is not pulled: the host logs one warning with the reason, and builds", async () => {
  const { pulls, builds, imageId, again, record, warnings } = await getTwice(unsigned);
  expect([imageId, pulls, builds()]).toEqual([builtId, [], 1]);
  expect(warnings).toEqual([
    {
      message: "cannot get the shared build; building it here",
      reference: expect.stringMatching(`^${repository}:bk-[0-9a-f]{32}$`),
      error: expect.stringContaining(
        `${repository}@${digest} has no valid signature by ${verify.identity} of ${verify.issuer}: no signatures found`,
      ),
      hint: expect.stringContaining("Sign the image with `cosign sign`"),
    },
  ]);
  expect(record).toMatchObject({ isBuilt: true });
  expect(record).not.toHaveProperty("verifiedBy");
  expect(again).toMatchObject({ hit: true, image: { imageId: builtId } });
});

test("a record that cannot be written is a warning that names its place, and the next call says why it is a miss", async () => {
  const records = join(place.path, "cache", "records");
  await mkdir(join(place.path, "cache"), { mode: 0o700 });
  await writeFile(records, "not a directory");
  const { imageId, again, warnings, resolution } = await getTwice(signed);
  expect(imageId).toBe(sharedId);
  expect(warnings).toEqual([
    {
      message: "cannot record that an image is trusted; the next call gets it again",
      runtime,
      imageId,
      error: expect.stringContaining(records),
      hint: `Remove ${records}, or set MOLECULE_LOCAL_BUILD_CACHE to another directory.`,
    },
  ]);
  expect(again).toEqual({
    hit: false,
    why: `no record says that ${resolution.reference} was built here, or that its signature was verified`,
  });
});

test.each([
  ["another host pushes during the build", ["missing", "present"], 0],
  ["no other host pushes", ["missing", "missing"], 1],
  // For example an index without the manifest of the platform.
  ["the image in the registry cannot be pulled", ["present", "present"], 1],
  ["the image in the registry cannot be pulled, and a lookup fails", ["failing", "present"], 1],
])("%s: lookups find the tag %j, and the host pushes %i times", async (_case, lookups, expected) => {
  const missing = new ImageSourceError({ code: "SOURCE_NOT_FOUND", message: "not found", hint: "Push it." });
  const failing = new ImageSourceError({ code: "SOURCE_UNREACHABLE", message: "down", hint: "Start it." });
  const pushes: string[] = [];
  const left = [...lookups];
  const builder: ImageBuilder = {
    ...stubBuilder,
    askRegistry: async () => {
      const found = left.shift() ?? "present";
      if (found === "present") return { digest };
      throw found === "failing" ? failing : missing;
    },
    pull: () => Promise.reject(missing),
    push: async (_id, reference) => void pushes.push(reference),
  };
  const services = sourceServices(place.path, {});
  const shared = sharedBuilds({ registry, push: true }, { ...services, builder, verification: undefined });
  const source = templateSource({
    name: "stub",
    builder,
    options: v.parse(templateOptions, { repoPrefix: forge.repoPrefix() }),
    services: sourceServices(place.path, { PATH: process.env["PATH"] }, defaultPlatform),
  });
  const resolution = (await source.resolve(runtime, quietCall)) as TemplateResolution;
  expect(await shared.take(resolution, quietCall)).toBeUndefined();
  await shared.give(builtId, resolution, quietCall);
  expect(pushes).toHaveLength(expected);
  // A refresh can have the same plan.
  await shared.give(builtId, resolution, { ...quietCall, fresh: true });
  expect(pushes).toHaveLength(expected + 1);
});
