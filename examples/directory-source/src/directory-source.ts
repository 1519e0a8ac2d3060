import { createReadStream } from "node:fs";
import { join } from "node:path";
import {
  ImageSourceError,
  isPlatform,
  type Call,
  type Found,
  type ImageSource,
  type Missing,
  type Resolution,
  type RuntimeName,
  type SourceServices,
  type StepReport,
} from "@molecule/core";
import { readArchive } from "./read-archive.js";

/** Loads `<directory>/<runtime>.tar`. Its reference has the start of the SHA-256 of the content. */
export function directorySource(directory: string, { engine, store, platform }: SourceServices): ImageSource {
  const archiveOf = (runtime: RuntimeName): string => join(directory, `${runtime}.tar`);
  const referenceOf = (runtime: RuntimeName, sha256: string): string =>
    `molecule-directory/${runtime}:${sha256.slice(0, 12)}`;
  // The image ID is known only after the archive was loaded, so it is recorded then.
  const loaded = store.records(".directory");

  async function find(resolution: Resolution, call: Call): Promise<Found | Missing> {
    const { reference, revision, buildKey, platform: wanted } = resolution;
    const imageId = await loaded.read(reference);
    if (typeof imageId !== "string") return { hit: false, why: `${reference} has not been loaded yet` };
    const image = await engine.inspectImage(reference, call);
    if (image === undefined) return { hit: false, why: `image not found: ${reference}` };
    if (image.id !== imageId)
      return { hit: false, why: `${reference} is a different image from the archive's` };
    if (!isPlatform(image, wanted))
      throw new ImageSourceError({
        code: "SOURCE_MISMATCH",
        message: `${reference} is not for ${wanted}`,
        hint: "Save an image for this platform.",
      });
    const identity = await engine.identify(call);
    return {
      hit: true,
      image: { reference, imageId, digest: null, revision, buildKey, platform: wanted, engine: identity },
    };
  }

  /** Loads the copy of an archive and returns the ID of its only image. */
  async function load(file: string, archive: string, report: StepReport, call: Call): Promise<string> {
    const made = await engine.loadImage({ archive: createReadStream(file), report }, call);
    const images = await Promise.all(made.loaded.map((name) => engine.inspectImage(name, call)));
    const [imageId, ...others] = new Set(images.map((image) => image?.id));
    if (imageId !== undefined && others.length === 0) return imageId;
    throw new ImageSourceError({
      code: "SOURCE_MALFORMED",
      message: `${archive} must contain exactly one image`,
      hint: "Save a single image with docker save.",
    });
  }

  return {
    name: "directory",

    async resolve(runtime, call) {
      const sha256 = await readArchive(archiveOf(runtime), { signal: call.signal });
      const wanted = platform ?? (await engine.describe(call)).platform;
      return {
        runtime,
        reference: referenceOf(runtime, sha256),
        revision: null,
        buildKey: null,
        step: "load",
        platform: wanted,
      };
    },

    find,

    async provide(resolution, found, call) {
      if (found !== undefined) return found.image;
      const { runtime, reference } = resolution;
      const archive = archiveOf(runtime);
      return call.progress.step("load", archive, async (report) => {
        const work = await store.workDirectory(".directory/new");
        try {
          // A copy: the archive may be replaced while the engine reads it.
          const file = join(work.path, "image.tar");
          const onBytes = (done: number): void => report.amount(done, undefined, "bytes");
          const sha256 = await readArchive(archive, { signal: call.signal, copyTo: file, onBytes });
          if (referenceOf(runtime, sha256) !== reference)
            throw new ImageSourceError({
              code: "SOURCE_MISMATCH",
              message: `${archive} has changed since it was resolved`,
              hint: "Retry.",
              again: true,
            });
          const imageId = await load(file, archive, report, call);
          await engine.tagImage(imageId, reference, call);
          await loaded.write(reference, imageId);
        } finally {
          await work.remove();
        }
        const result = await find(resolution, call);
        if (result.hit) return result.image;
        throw new ImageSourceError({
          code: "SOURCE_MISMATCH",
          message: result.why,
          hint: "Load this archive from one process at a time.",
        });
      });
    },
  };
}
