import { ImageSourceError } from "../errors/errors.js";
import { platformOf, type Platform, type PlatformParts } from "../values/platform.js";

/** A base image, and the platform that it is for instead of the build's. */
export interface ForeignBase {
  readonly image: string;
  readonly platform: PlatformParts;
}

/** Returns the error of a build on that base. */
export function foreignBase({ image, platform }: ForeignBase, wanted: Platform): ImageSourceError {
  const actual = platformOf(platform);
  return new ImageSourceError({
    code: "SOURCE_MISMATCH",
    message: `the base image ${image} is for ${actual}, not for ${wanted}`,
    hint: `Use a base image for ${wanted}, or write FROM --platform=${actual} if the template needs that one.`,
  });
}

/**
 * Returns the platform of a base image in a warning of Podman and buildah; undefined for any other line. Measured:
 * `WARNING: image platform (linux/arm64) does not match the expected platform (linux/amd64)`, and of Podman 4.3.1 and
 * buildah 1.28.2 `WARNING: image platform ({arm64 linux  [] }) does not match …`.
 */
export function foreignPlatform(line: string): PlatformParts | undefined {
  const [, written, fields] =
    /^WARNING: image platform \((?:([a-z0-9]+\/[a-z0-9/]+)|\{(.*)\})\) does not match the expected platform \(/.exec(
      line,
    ) ?? [];
  if (written !== undefined) return partsOf(written);
  if (fields === undefined) return undefined;
  // Architecture, system, version and features, variant.
  const [, architecture = "", os = "", variant = ""] = /^(\S+) (\S+) .*\] ?(\S*)$/.exec(fields) ?? [];
  return { os, architecture, variant };
}

function partsOf(written: string): PlatformParts {
  const [os = "", architecture = "", variant = ""] = written.split("/");
  return { os, architecture, variant };
}
