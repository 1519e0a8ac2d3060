import { expect, test } from "@jest/globals";
import { defaultPlatform, ImageSourceError, type ErrorCode, type ImageInspection } from "@molecule/core";
import { quietCall } from "./source-services.test.support.js";
import { asEngineLabels } from "./image/image-labels.js";
import { nameBuild } from "./name-build.js";
import { stubBuilder, stubImage } from "./image/stub-builder.test.support.js";

const labels = { source: "a forge", runtime: "hermes", buildKey: "1".repeat(64), managedBy: "a test" };
const resolution = {
  reference: "r.example/team/workspace-template-hermes:1",
  labels,
  platform: defaultPlatform,
};
const own = stubImage({ id: `sha256:${"a".repeat(64)}` });
const first = stubImage({ id: `sha256:${"b".repeat(64)}`, labels: asEngineLabels(labels) });
const refused = (code: ErrorCode): ImageSourceError =>
  new ImageSourceError({ code, message: "cannot tag", hint: "Allow it." });

/** A registry that refuses the tag, under which it has this image. */
const refusing = (error: Error, present: ImageInspection | undefined) => ({
  ...stubBuilder,
  tag: () => Promise.reject(error),
  inspect: () => Promise.resolve(present),
});

test("if another host has tagged the same build first, that image is used", async () => {
  const builder = refusing(refused("SOURCE_DENIED"), first);
  expect(await nameBuild(builder, own, resolution, quietCall)).toBe(first);
});

const denied = refused("SOURCE_DENIED");
const unreachable = refused("SOURCE_UNREACHABLE");
test.each([
  ["no image has the tag", refusing(denied, undefined), quietCall, denied],
  ["another build has the tag", refusing(denied, own), quietCall, denied],
  [
    "the registry cannot be read",
    { ...refusing(denied, first), inspect: () => Promise.reject(unreachable) },
    quietCall,
    denied,
  ],
  ["the registry fails", refusing(unreachable, first), quietCall, unreachable],
  ["the build is a refreshed one", refusing(denied, first), { ...quietCall, fresh: true }, denied],
])("a refused tag is an error if %s", async (_why, builder, call, error) => {
  await expect(nameBuild(builder, own, resolution, call)).rejects.toBe(error);
});
