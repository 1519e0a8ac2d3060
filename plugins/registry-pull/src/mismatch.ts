import { ImageSourceError, type Platform, type PlatformParts } from "@molecule/core";

/** Returns why a local image is not used. */
export function otherPlatformPresent(reference: string, image: PlatformParts, platform: Platform): string {
  return `${reference} is present for ${written(image)}, not for ${platform}`;
}

/** Formats the platform of an inspection, which may be empty with the containerd store. */
function written({ os, architecture, variant }: PlatformParts): string {
  return [os, architecture, variant].filter((part) => part !== "").join("/") || "another platform";
}

export function notPresent(reference: string, platform: Platform): ImageSourceError {
  return new ImageSourceError({
    code: "SOURCE_NOT_FOUND",
    message: `${reference} is not present for ${platform}, and pullPolicy is never`,
    hint: "Load the image into the engine, or set options.registry-pull.pullPolicy to missing.",
  });
}

/** Returns why a local image is not used. */
export function notVerified(reference: string): string {
  return `the signature of the image that has the name ${reference} was not verified`;
}

export function notVerifiedAndNeverPulled(reference: string): ImageSourceError {
  return mismatch(
    `${notVerified(reference)}, and pullPolicy is never`,
    "Set options.registry-pull.pullPolicy to missing, so that the image is pulled and verified.",
  );
}

export function otherPlatform(reference: string, image: PlatformParts, platform: Platform): ImageSourceError {
  return mismatch(
    `${reference} is for ${written(image)}, not for ${platform}`,
    "Set MOLECULE_IMAGE_PLATFORM to a platform that the image is published for, or publish it for this one.",
  );
}

/** @param digest undefined if no digest is known: then the image is missing */
export function otherDigest(reference: string, digest: string | undefined): ImageSourceError {
  return mismatch(
    digest === undefined
      ? `${reference} is missing after the pull`
      : `the pulled image of ${reference} does not have the digest ${digest}`,
    "Retry; if the error persists, check the proxies between the engine and the registry.",
  );
}

function mismatch(message: string, hint: string): ImageSourceError {
  return new ImageSourceError({ code: "SOURCE_MISMATCH", message, hint });
}
