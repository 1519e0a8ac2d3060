import { ImageSourceError } from "../errors/errors.js";
import type { Found, Missing, ReadyImage, Resolution } from "../contract/image-source.js";
import type { RuntimeName } from "../values/runtime-name.js";

/*
 * Sources are checked, third-party ones above all: what they answer decides what is run.
 */

const imageId = /^sha256:[0-9a-f]{64}$/;

function lie(source: string, what: string): ImageSourceError {
  return new ImageSourceError({
    code: "PLUGIN_BROKEN",
    message: `the source ${source} ${what}`,
    hint: "This is a bug in that source: report it to its author. The conformance suite of @molecule/testkit reproduces it.",
  });
}

function checkObject(answer: unknown, verb: string, source: string): void {
  if (typeof answer !== "object" || answer === null)
    throw lie(source, `answered ${answer === null ? "null" : typeof answer} to ${verb}`);
}

/** Throws `PLUGIN_BROKEN` unless the resolution is for the runtime that was asked for and names an image. */
export function checkResolution(resolution: Resolution, runtime: RuntimeName, source: string): void {
  checkObject(resolution, "resolve", source);
  if (resolution.runtime !== runtime)
    throw lie(source, `resolved ${resolution.runtime} when asked for ${runtime}`);
  if (resolution.reference === "") throw lie(source, `resolved ${runtime} to an empty reference`);
}

/** Throws `PLUGIN_BROKEN` unless it says whether the image is there and, if it is, that it is the one that was resolved. */
export function checkFound(found: Found | Missing, resolution: Resolution, source: string): void {
  checkObject(found, "find", source);
  if (found.hit) checkReadyImage(found.image, resolution, source);
  else if (typeof found.why !== "string") throw lie(source, "did not say why the image is missing");
}

/** Throws `PLUGIN_BROKEN` unless the image can be named by its ID. */
export function checkImageId(image: ReadyImage, source: string): void {
  checkObject(image, "find or provide", source);
  if (!imageId.test(image.imageId))
    throw lie(source, `answered the image ID ${JSON.stringify(image.imageId)}`);
}

/** Throws `PLUGIN_BROKEN` unless the image is the one that was resolved. */
export function checkReadyImage(image: ReadyImage, resolution: Resolution, source: string): void {
  checkImageId(image, source);
  for (const fact of ["reference", "revision", "buildKey", "platform"] as const) {
    if (image[fact] === resolution[fact]) continue;
    throw lie(source, `resolved ${fact} ${String(resolution[fact])} and answered ${String(image[fact])}`);
  }
}
