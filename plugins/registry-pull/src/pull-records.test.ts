import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import {
  defaultPlatform,
  platformParts,
  silentLog,
  type ContainerEngine,
  type ImageInspection,
} from "@molecule/core";
import {
  fakeCosign,
  printedClaims,
  signatureClaim,
  temporaryDirectory,
  type TemporaryDirectory,
} from "@molecule/test-fixtures";
import { openSource, untouchableEngine } from "./open-source.test.support.js";

const prefix = "registry.example.com/acme";
const repository = `${prefix}/workspace-template-hermes`;
const tag = `${repository}:latest`;
const digest = `sha256:${"a".repeat(64)}`;
const imageId = `sha256:${"1".repeat(64)}`;
const verify = { identity: "release@ci.example", issuer: "https://token.example" };

let place: TemporaryDirectory;
beforeEach(async () => {
  place = await temporaryDirectory();
});
afterEach(() => place.remove());

/** Opens the source with an engine in memory and a cosign that verifies every image. */
async function open(options: object) {
  const warnings: Readonly<Record<string, unknown>>[] = [];
  const pulls: string[] = [];
  const names = new Map<string, ImageInspection>();
  const image: ImageInspection = {
    id: imageId,
    ...platformParts(defaultPlatform),
    labels: {},
    tags: [],
    digests: [`${repository}@${digest}`],
    sizeBytes: 0,
    taggedAt: null,
  };
  const engine: ContainerEngine = {
    ...untouchableEngine,
    identify: async () => ({ kind: "docker", address: "unix:///memory" }),
    askRegistry: async () => ({ digest }),
    inspectImage: async (name) => names.get(name),
    pullImage: async ({ reference }) => {
      pulls.push(reference);
      for (const name of [reference, imageId]) names.set(name, image);
      return { digest, imageId };
    },
    tagImage: async (_id, reference) => void names.set(reference, image),
    close: async () => undefined,
  };
  const images = await openSource({
    engine,
    prefix,
    options,
    cacheDir: place.path,
    run: fakeCosign(printedClaims(signatureClaim(repository, digest))).run,
    env: { PATH: "/usr/bin" },
    log: {
      ...silentLog,
      warn: (message, fields = {}) => void warnings.push({ message, ...fields }),
    },
  });
  return { images, pulls, warnings };
}

const records = () => join(place.path, ".pulls");
const warning = () => ({
  message: "cannot record a pull; the next call pulls the image again",
  reference: tag,
  platform: defaultPlatform,
  imageId,
  error: expect.stringContaining(records()),
  hint: `Remove ${records()}, or set MOLECULE_LOCAL_BUILD_CACHE to another directory.`,
});

test.each([
  [{ verify }, `the signature of the image that has the name ${tag} was not verified`],
  [{ pullPolicy: "every_1h" }, "pullPolicy is every_1h, and the time of the last pull is unknown"],
])(
  "with %j, a pull that cannot be recorded logs a warning with the path, and the next call pulls again",
  async (options, why) => {
    await writeFile(records(), "not a directory");
    const { images, pulls, warnings } = await open(options);
    expect(await images.ensure("hermes")).toMatchObject({ imageId, cached: false });
    expect(warnings).toEqual([warning()]);
    expect(await images.plan("hermes")).toMatchObject({ hit: false, why });
    await images.ensure("hermes");
    expect([pulls.length, warnings.length]).toEqual([2, 2]);
  },
);

test("with neither option, no record is needed: no warning, and the next call finds the image", async () => {
  await writeFile(records(), "not a directory");
  const { images, warnings } = await open({});
  await images.ensure("hermes");
  expect(await images.ensure("hermes")).toMatchObject({ cached: true });
  expect(warnings).toEqual([]);
});

test("an image whose record was lost must be verified again", async () => {
  const { images, pulls } = await open({ verify });
  await images.ensure("hermes");
  expect(await images.ensure("hermes")).toMatchObject({ cached: true });
  await rm(records(), { recursive: true });
  expect(await images.ensure("hermes")).toMatchObject({ cached: false });
  expect(pulls).toEqual([`${repository}@${digest}`, `${repository}@${digest}`]);
});
