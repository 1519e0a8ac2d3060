import { Readable } from "node:stream";
import { expect, test } from "@jest/globals";
import { defaultPlatform, silentReport, type ContainerEngine } from "@molecule/core";
import { imageArchive } from "../../files/image-archive.js";
import { engineImages } from "../../conformance/world/engine-images.js";
import { createMemoryEngine } from "./memory-engine.js";

function load(engine: ContainerEngine, bytes: Buffer): Promise<{ readonly loaded: readonly string[] }> {
  return engine.loadImage({ archive: Readable.from([bytes]), report: silentReport });
}

test("an archive that was loaded prints its message, under its names", async () => {
  const engine = createMemoryEngine();
  const tags = ["some/where:1"];
  const archive = imageArchive({ files: { "message.txt": "loaded\n" }, tags, architecture: "arm64" });

  expect(await load(engine, archive.bytes)).toEqual({ loaded: tags });
  expect(await engine.inspectImage("some/where:1")).toMatchObject({
    id: archive.imageId,
    architecture: "arm64",
    tags,
  });
  expect(await engineImages(engine, defaultPlatform).print(archive.imageId)).toBe("loaded\n");
});

test("an archive without names is listed by its ID", async () => {
  const archive = imageArchive({ files: {} });

  expect(await load(createMemoryEngine(), archive.bytes)).toEqual({ loaded: [archive.imageId] });
});

test("bytes that are not an archive are SOURCE_MALFORMED", async () => {
  await expect(load(createMemoryEngine(), Buffer.from("no archive"))).rejects.toMatchObject({
    code: "SOURCE_MALFORMED",
  });
});

test("removing the last name removes the image", async () => {
  const engine = createMemoryEngine();
  await load(engine, imageArchive({ files: {}, tags: ["one:1", "two:2"] }).bytes);

  await engine.removeImage("one:1");
  expect(await engine.listImages({})).toMatchObject([{ tags: ["two:2"] }]);
  await engine.removeImage("two:2");
  expect(await engine.listImages({})).toEqual([]);
});
