import { ImageSourceError } from "../errors/errors.js";
import type { ImageRequest } from "../contract/image-request.js";
import type { Found, Missing, ReadyImage, Resolution } from "../contract/image-source.js";
import { referenceByDigest } from "../values/image-reference.js";
import type { RuntimeName } from "../values/runtime-name.js";

/*
 * Results of sources are checked, because they decide what runs, and plugins may be third-party code.
 */

const providingSteps: ReadonlySet<Resolution["step"]> = new Set([
  undefined,
  "build",
  "pull",
  "load",
] as const);
const imageId = /^sha256:[0-9a-f]{64}$/;

function brokenSource(source: string, what: string): ImageSourceError {
  return new ImageSourceError({
    code: "PLUGIN_BROKEN",
    message: `the source ${source} ${what}`,
    hint: "This is a bug in that source: report it to its author. The conformance suite of @molecule/testkit reproduces it.",
  });
}

function checkObject(result: unknown, verb: string, source: string): void {
  if (typeof result !== "object" || result === null)
    throw brokenSource(source, `returned ${result === null ? "null" : typeof result} from ${verb}`);
}

/** Throws `PLUGIN_BROKEN` unless the resolution is for the requested runtime and names an image. */
export function checkResolution(resolution: Resolution, runtime: RuntimeName, source: string): void {
  checkObject(resolution, "resolve", source);
  if (resolution.runtime !== runtime)
    throw brokenSource(source, `resolved ${resolution.runtime} instead of ${runtime}`);
  if (!providingSteps.has(resolution.step))
    throw brokenSource(source, `resolved ${runtime} with the unknown step ${String(resolution.step)}`);
  if (resolution.reference === "") throw brokenSource(source, `resolved ${runtime} to an empty reference`);
}

/** Throws `PLUGIN_BROKEN` unless the image is the one that the caller asked for. */
export function checkRequested(
  image: Pick<Resolution, "revision" | "platform"> & Partial<Pick<ReadyImage, "digest">>,
  { revision, digest, platform }: ImageRequest = {},
  source: string,
): void {
  const facts = [
    ["revision", revision, image.revision],
    ["platform", platform ?? undefined, image.platform],
    // A resolution has no digest.
    ["digest", image.digest === undefined ? undefined : digest, image.digest],
  ] as const;
  for (const [fact, wanted, actual] of facts)
    if (wanted !== undefined && actual !== wanted)
      throw brokenSource(source, `was asked for the ${fact} ${wanted} but returned ${String(actual)}`);
}

/** Throws `PLUGIN_BROKEN` unless the result is a valid miss, or a hit for the resolved image. */
export function checkFound(found: Found | Missing, resolution: Resolution, source: string): void {
  checkObject(found, "find", source);
  if (found.hit) checkReadyImage(found.image, resolution, source);
  else if (typeof found.why !== "string") throw brokenSource(source, "did not say why the image is missing");
}

/** Throws `PLUGIN_BROKEN` unless the image has a valid ID. */
export function checkImageId(image: ReadyImage, source: string): void {
  checkObject(image, "find or provide", source);
  if (!imageId.test(image.imageId))
    throw brokenSource(source, `returned the invalid image ID ${JSON.stringify(image.imageId)}`);
}

/** Throws `PLUGIN_BROKEN` unless the image is the resolved one. */
export function checkReadyImage(image: ReadyImage, resolution: Resolution, source: string): void {
  checkImageId(image, source);
  for (const fact of ["reference", "revision", "buildKey", "platform"] as const) {
    if (image[fact] === resolution[fact] || (fact === "reference" && isByDigest(image, resolution))) continue;
    throw brokenSource(
      source,
      `resolved ${fact} ${String(resolution[fact])} but returned ${String(image[fact])}`,
    );
  }
}

/** An image that is in no engine may be named by its digest, which is known only after its build. */
function isByDigest({ reference, digest, engine }: ReadyImage, resolution: Resolution): boolean {
  return engine === null && digest !== null && reference === referenceByDigest(resolution.reference, digest);
}
