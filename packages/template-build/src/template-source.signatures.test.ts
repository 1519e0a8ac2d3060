import { generateKeyPairSync } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import {
  defaultPlatform,
  parseCommitSha,
  parseRuntimeName,
  type ImageInspection,
  type SourceServices,
} from "@molecule/core";
import { temporaryDirectory, type TemporaryDirectory } from "@molecule/test-fixtures";
import * as v from "valibot";
import { buildKey } from "./image/build-key.js";
import { buildRecords } from "./image/build-records.js";
import { labelNames } from "./image/image-labels.js";
import { stubBuilder } from "./image/stub-builder.test.support.js";
import { quietCall as call, sourceServices } from "./source-services.test.support.js";
import { templateOptions } from "./options/template-options.js";
import { templateSource } from "./template-source.js";

/*
 * The parts of `share.verify` that contact nothing. The tests of the sources cover the rest, with the real cosign.
 */

const runtime = parseRuntimeName("hermes");
const commit = parseCommitSha("a".repeat(40));

let place: TemporaryDirectory;
let services: SourceServices;
beforeEach(async () => {
  place = await temporaryDirectory();
  const { publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  await writeFile(join(place.path, "cosign.pub"), publicKey.export({ type: "spki", format: "pem" }));
  services = sourceServices(place.path, { PATH: place.path }, defaultPlatform);
});
afterEach(() => place.remove());

function optionsWith(key: string): v.InferOutput<typeof templateOptions> {
  const share = { registry: "127.0.0.1:1/fleet", verify: { key: join(place.path, key) } };
  const repoPrefix = "http://127.0.0.1:1/acme/template-";
  return v.parse(templateOptions, { repoPrefix, share, whenForgeIsDown: "last-good" });
}
function sourceWith(key: string, images: readonly ImageInspection[] = []) {
  const builder = { ...stubBuilder, images: async () => images };
  return templateSource({ name: "stub", builder, options: optionsWith(key), services });
}

test("the last good image is one that was built here or verified", async () => {
  const options = optionsWith("cosign.pub");
  const [os = "", architecture = ""] = defaultPlatform.split("/");
  const image: ImageInspection = {
    id: `sha256:${"1".repeat(64)}`,
    labels: {
      [labelNames.revision]: commit,
      [labelNames.source]: `${options.repoPrefix}hermes`,
      [labelNames.runtime]: runtime,
      [labelNames.buildKey]: buildKey({ ...options, target: undefined, commit, platform: defaultPlatform }),
    },
    tags: [`molecule-local/workspace-template-hermes:${commit.slice(0, 12)}`],
    digests: [],
    sizeBytes: 1,
    taggedAt: null,
    os,
    architecture,
    variant: "",
  };
  const source = sourceWith("cosign.pub", [image]);
  const record = { imageId: image.id, reference: image.tags[0] ?? "" };
  expect(await source.lastGood(runtime, call)).toBeNull();
  await buildRecords(services).add(runtime, { ...record, isBuilt: false });
  expect(await source.lastGood(runtime, call)).toBeNull();
  await buildRecords(services).add(runtime, { ...record, isBuilt: true });
  expect(await source.lastGood(runtime, call)).toMatchObject({ imageId: image.id, revision: commit });
});

test("doctor checks cosign and the key", async () => {
  const scope = { named: [], allowed: [] };
  const findings = await sourceWith("none.pub").diagnose(call, scope);
  expect(findings.filter(({ id }) => ["cosign", "verify"].includes(id))).toEqual([
    expect.objectContaining({
      ok: false,
      message: "cosign is not in PATH, and options.stub.share.verify needs it",
      hint: expect.stringContaining("Install cosign"),
    }),
    expect.objectContaining({
      ok: false,
      message: expect.stringMatching(
        /^options\.stub\.share\.verify\.key cannot be used: .*none\.pub: it does not exist$/,
      ),
    }),
  ]);
  const [, verify] = (await sourceWith("cosign.pub").diagnose(call, scope)).filter(({ id }) =>
    ["cosign", "verify"].includes(id),
  );
  expect(verify).toMatchObject({
    ok: true,
    message: `options.stub.share.verify requires a signature by the key ${join(place.path, "cosign.pub")}`,
  });
});
