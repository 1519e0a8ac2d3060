import { expect, test } from "@jest/globals";
import { defaultPlatform, parseRuntimeName, type ImageInspection } from "@molecule/core";
import type { BuildRecord, ImageOrigin } from "./build-records.js";
import { trustedImages } from "./trusted-images.js";

const runtime = parseRuntimeName("hermes");
const origins: Readonly<Record<string, ImageOrigin>> = {
  built: { isBuilt: true },
  verified: { isBuilt: false, verifiedBy: "the policy" },
  "verified with another key": { isBuilt: false, verifiedBy: "another policy" },
  "pulled without verification": { isBuilt: false },
  "recorded by an earlier version": {},
};
const known: ReadonlyMap<string, BuildRecord> = new Map(
  Object.entries(origins).map(([id, origin]) => [
    id,
    { imageId: id, reference: "r:1", sequence: 1, builtAt: 1, ...origin },
  ]),
);
const images: readonly ImageInspection[] = [...known.keys(), "not recorded"].map((id) => ({
  id,
  labels: {},
  tags: [],
  digests: [],
  sizeBytes: 1,
  taggedAt: null,
  os: "linux",
  architecture: defaultPlatform.slice("linux/".length),
  variant: "",
}));
const records = { get: async (_runtime: unknown, id: string) => known.get(id) };

test("images that were built here, or verified under the current policy, are trusted", async () => {
  const trusted = trustedImages({ policyId: async () => "the policy" }, records);
  expect((await trusted.among(images, known)).map(({ id }) => id)).toEqual(["built", "verified"]);
  for (const { id } of images)
    expect([id, await trusted.includes(runtime, id)]).toEqual([id, ["built", "verified"].includes(id)]);
});

test("without a policy, every image is trusted", async () => {
  const trusted = trustedImages(undefined, records);
  expect(await trusted.among(images, known)).toEqual(images);
  for (const { id } of images) expect(await trusted.includes(runtime, id)).toBe(true);
});

test("a key that cannot be used is an error, not a miss", async () => {
  const failure = new Error("the key cannot be read");
  const trusted = trustedImages({ policyId: () => Promise.reject(failure) }, records);
  await expect(trusted.includes(runtime, "built")).rejects.toBe(failure);
  await expect(trusted.among(images, known)).rejects.toBe(failure);
});
