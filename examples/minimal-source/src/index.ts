import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import * as core from "@molecule/core";
import { z } from "zod";

const archive = z.strictObject({
  url: z.url({ protocol: /^https?$/ }).refine((url) => !url.includes("@"), "must not contain a user or an @"),
  sha256: z.string().regex(/^[0-9a-f]{64}$/, "is not 64 hex digits"),
});
const options = z.strictObject({
  archives: z.record(z.string(), archive).describe("Runtime name to the archive that holds its image."),
});

export default core.definePlugin({
  name: "archive",
  version: "1.0.0",
  apiVersion: 1,
  modes: ["local"],
  imageNames: "molecule-archive/",
  options,
  create({ archives }, { engine, fetch, store, platform }): core.ImageSource {
    const known = new Map(Object.entries(archives));
    const of = (runtime: core.RuntimeName): z.infer<typeof archive> => {
      const found = known.get(runtime);
      if (found !== undefined) return found;
      throw problem(
        "SOURCE_NOT_FOUND",
        `no archive is configured for ${runtime}`,
        "Add it to options.archive.archives.",
      );
    };
    // The image ID is known only after the archive was loaded, so it is recorded then.
    const loaded = store.records(".archives");

    async function findImage(
      resolution: core.Resolution,
      call: core.Call,
    ): Promise<core.Found | core.Missing> {
      const { reference, runtime, revision, buildKey } = resolution;
      const imageId = await loaded.read(of(runtime).sha256);
      if (typeof imageId !== "string") return { hit: false, why: `${reference} has not been loaded yet` };
      const image = await engine.inspectImage(reference, call);
      if (image === undefined) return { hit: false, why: `image not found: ${reference}` };
      if (image.id !== imageId)
        return { hit: false, why: `${reference} is a different image from the archive's` };
      if (!core.isPlatform(image, resolution.platform))
        throw problem(
          "SOURCE_MISMATCH",
          `${reference} is not for ${resolution.platform}`,
          "Configure an archive for it.",
        );
      const identity = await engine.identify(call);
      const facts = { reference, imageId, revision, buildKey, platform: resolution.platform };
      return { hit: true, image: { ...facts, digest: null, engine: identity } };
    }

    async function download(
      runtime: core.RuntimeName,
      file: string,
      call: core.Call,
      report: core.StepReport,
    ) {
      const { url, sha256 } = of(runtime);
      const unreachable = (why: string, cause?: unknown) =>
        problem("SOURCE_UNREACHABLE", `${url} cannot be read: ${why}`, "Retry.", {
          transient: {},
          cause,
        });
      const notStored = (cause: unknown): never => {
        throw core.storageUnusable(file, core.systemCode(cause) ?? String(cause), cause);
      };
      const hash = createHash("sha256");
      const to = await open(file, "wx", 0o600).catch(notStored);
      try {
        const { status, body } = await fetch(url, { signal: call.signal });
        if (status === 404)
          throw problem("SOURCE_NOT_FOUND", `${url} does not exist`, "Correct options.archive.");
        if (status === 401 || status === 403)
          throw problem("SOURCE_DENIED", `access to ${url} is denied`, "Allow access to the archive.");
        if (status !== 200 || body === null) throw unreachable(`status ${status}`);
        let done = 0;
        for await (const chunk of body) {
          const bytes = Buffer.from(chunk);
          hash.update(bytes);
          await to.writeFile(bytes).catch(notStored);
          report.amount((done += bytes.length), undefined, "bytes");
        }
      } catch (error) {
        if (core.isImageSourceError(error)) throw error;
        throw call.signal.aborted ? core.cancelled() : unreachable(String(error), error);
      } finally {
        await to.close();
      }
      if (hash.digest("hex") !== sha256)
        throw problem(
          "SOURCE_MISMATCH",
          `${url} does not match options.archive`,
          "Correct the archive or its sha256.",
        );
    }

    return {
      name: "archive",

      async resolve(runtime, call) {
        const reference = `molecule-archive/${runtime}:${of(runtime).sha256.slice(0, 12)}`;
        const wanted = platform ?? (await engine.describe(call)).platform;
        return { runtime, reference, revision: null, buildKey: null, platform: wanted, step: "load" };
      },

      find: findImage,

      async provide(resolution, found, call) {
        if (found !== undefined) return found.image;
        const { runtime, reference } = resolution;
        return call.progress.step("load", of(runtime).url, async (report) => {
          const work = await store.workDirectory(".archives/new");
          try {
            const file = join(work.path, "image.tar");
            // Load it into the engine only if its checksum is right.
            await download(runtime, file, call, report);
            const made = await engine.loadImage({ archive: createReadStream(file), report }, call);
            const images = await Promise.all(made.loaded.map((name) => engine.inspectImage(name, call)));
            const [imageId, ...others] = new Set(images.map((image) => image?.id));
            if (imageId === undefined || others.length > 0)
              throw problem(
                "SOURCE_MALFORMED",
                `${of(runtime).url} must contain exactly one image`,
                "Save a single image with docker save.",
              );
            await engine.tagImage(imageId, reference, call);
            await loaded.write(of(runtime).sha256, imageId);
          } finally {
            await work.remove();
          }
          const result = await findImage(resolution, call);
          if (result.hit) return result.image;
          throw problem("SOURCE_MISMATCH", result.why, "Load this archive from one process at a time.");
        });
      },
    };
  },
});

function problem(code: core.ErrorCode, message: string, hint: string, more: Partial<core.ErrorFacts> = {}) {
  return new core.ImageSourceError({ code, message, hint, ...more });
}
