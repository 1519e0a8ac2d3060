import { Readable } from "node:stream";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { silentReport, type ContainerEngine } from "@molecule/core";
import { describeWithEngine } from "@molecule/test-fixtures";
import { imageArchive, startFakeEngine } from "@molecule/testkit";
import { keepReport } from "../builds/build-context.test.support.js";
import { createDockerEngine } from "../docker-engine.js";
import { findEngineEndpoint } from "../connection/find-engine-endpoint.js";

const engineAt = (address: string): ContainerEngine =>
  createDockerEngine(() => findEngineEndpoint({ env: { DOCKER_HOST: address }, home: "/nonexistent" }));

describeWithEngine({ describe, test }, "loading an archive into a real engine", ({ address }) => {
  let engine: ContainerEngine;
  beforeAll(() => {
    engine = engineAt(address);
  });
  afterAll(() => engine.close());

  const load = (
    content: Uint8Array | Readable,
    signal?: AbortSignal,
  ): ReturnType<ContainerEngine["loadImage"]> =>
    engine.loadImage(
      { archive: content instanceof Readable ? content : Readable.from([content]), report: keepReport() },
      { signal },
    );

  test("returns the ID of an untagged image", async () => {
    const { bytes } = imageArchive({ files: { hello: "without a name" } });
    const { loaded } = await load(bytes);
    expect(loaded).toEqual([expect.stringMatching(/^sha256:[0-9a-f]{64}$/)]);
    const [imageId = ""] = loaded;
    expect(await engine.inspectImage(imageId)).toMatchObject({ id: imageId, architecture: "amd64" });
    await engine.removeImage(imageId);
  });

  test("returns every name in the archive", async () => {
    const tags = ["molecule-test-load:one", "molecule-test-load:two"];
    const { bytes } = imageArchive({ files: { hello: "named" }, tags });
    try {
      expect((await load(bytes)).loaded).toEqual(tags);
      const images = await Promise.all(tags.map((tag) => engine.inspectImage(tag)));
      expect(images).toEqual(tags.map(() => expect.objectContaining({ id: images[0]?.id, tags })));
    } finally {
      for (const tag of tags) await engine.removeImage(tag);
    }
  });

  test.each([
    ["no archive at all", Buffer.from("<html>not found</html>")],
    ["an archive without an image", Buffer.alloc(1024)],
    ["half an archive", imageArchive({ files: { hello: "half" } }).bytes.subarray(0, 3000)],
  ])("%s is SOURCE_MALFORMED", async (_what, content) => {
    await expect(load(content)).rejects.toMatchObject({ code: "SOURCE_MALFORMED" });
  });

  test("rejects with the archive's own error, and destroys its stream", async () => {
    const { bytes } = imageArchive({ files: { hello: "breaks" } });
    const archive = Readable.from(
      (async function* () {
        yield bytes.subarray(0, 2000);
        await Promise.resolve();
        throw new RangeError("the disk broke");
      })(),
    );
    await expect(load(archive)).rejects.toThrow(new RangeError("the disk broke"));
    expect(archive.destroyed).toBe(true);
  });

  test("an abort is CANCELLED, and nothing is loaded", async () => {
    const tag = "molecule-test-load:aborted";
    const { bytes } = imageArchive({ files: { hello: "aborted" }, tags: [tag] });
    const abort = new AbortController();
    const archive = new Readable({ read: () => undefined });
    archive.push(bytes.subarray(0, 2000));
    const loading = load(archive, abort.signal);
    abort.abort();
    await expect(loading).rejects.toMatchObject({ code: "CANCELLED" });
    expect(archive.destroyed).toBe(true);
    expect(await engine.inspectImage(tag)).toBeUndefined();
  });
});

describe("loading an archive into an engine that fails", () => {
  let stop: () => Promise<void> = () => Promise.resolve();
  afterEach(() => stop());

  async function answerTo(status: number, body: string): Promise<unknown> {
    const fake = await startFakeEngine((request, response) => {
      request.resume().on("end", () => {
        response.writeHead(status, { "content-type": "application/json" }).end(body);
      });
    });
    const engine = engineAt(fake.address);
    stop = async () => {
      await engine.close();
      await fake.stop();
    };
    const archive = Readable.from([Buffer.alloc(1024)]);
    return engine.loadImage({ archive, report: silentReport }).catch((error: unknown) => error);
  }

  test.each([
    [
      200,
      '{"stream":"Loading"}\n{"errorDetail":{"message":"bad layer"},"error":"bad layer"}',
      "SOURCE_MALFORMED",
    ],
    [200, '{"stream":"Loading"}', "SOURCE_MALFORMED"],
    [200, "junk", "ENGINE_UNAVAILABLE"],
    [200, '{"error":"write /x: no space left on device"}', "STORAGE_UNUSABLE"],
    [500, '{"message":"Error processing tar file"}', "SOURCE_MALFORMED"],
    [200, '{"stream":"Loaded image: localhost/a:1,localhost/b:1\\n"}', undefined],
  ])("a response of %d with %s is %s", async (status, body, code) => {
    const answer = await answerTo(status, body);
    if (code === undefined) expect(answer).toEqual({ loaded: ["localhost/a:1", "localhost/b:1"] });
    else expect(answer).toMatchObject({ code });
  });
});
