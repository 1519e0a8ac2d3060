import { configInvalid } from "../errors/error-table.js";

declare const brand: unique symbol;

/** `os/arch[/variant]` in containerd's normal form: `linux/amd64`, `linux/arm64`, `linux/arm/v7`. */
export type Platform = string & { readonly [brand]: "Platform" };

/** The platform of an image or of an engine, as an engine reports it. */
export interface PlatformParts {
  readonly os: string;
  readonly architecture: string;
  /** Empty if the engine reports none. */
  readonly variant: string;
}

/** The platform that is built, pulled and run by default. */
export const defaultPlatform = "linux/amd64" as Platform;

// github.com/containerd/platforms, database.go: normalizeArch
const architectures = new Map<string, readonly [architecture: string, variant?: string]>([
  ["i386", ["386", ""]],
  ["x86_64", ["amd64"]],
  ["x86-64", ["amd64"]],
  ["aarch64", ["arm64"]],
  ["armhf", ["arm", "v7"]],
  ["armel", ["arm", "v6"]],
]);
const impliedVariant = new Map([
  ["amd64", "v1"],
  ["arm64", "v8"],
]);

function normalize({ os, architecture, variant }: PlatformParts): PlatformParts {
  const written = architecture.toLowerCase();
  const [arch, fixed] = architectures.get(written) ?? [written];
  let level = fixed ?? variant.toLowerCase();
  if (/^\d+$/.test(level)) level = `v${level}`;
  if (arch === "arm") level ||= "v7";
  else if (level === impliedVariant.get(arch)) level = "";
  return { os: os.toLowerCase(), architecture: arch, variant: level };
}

function text({ os, architecture, variant }: PlatformParts): Platform {
  return [os, architecture, variant].filter((part) => part !== "").join("/") as Platform;
}

/** Returns the normal form, or throws `CONFIG_INVALID`. Linux only. */
export function parsePlatform(written: string): Platform {
  const [, os, architecture, variant] =
    /^([a-z]+)\/([a-z0-9][a-z0-9_-]{0,31})(?:\/([a-z0-9]{1,16}))?$/i.exec(written) ?? [];
  if (os?.toLowerCase() !== "linux" || architecture === undefined) {
    throw configInvalid(
      `${JSON.stringify(written)} is not a platform`,
      "Write linux/ARCH or linux/ARCH/VARIANT, for example linux/amd64 or linux/arm64.",
    );
  }
  return text(normalize({ os, architecture, variant: variant ?? "" }));
}

/** Returns the normal form of a platform reported by an engine. */
export function platformOf(parts: PlatformParts): Platform {
  return text(normalize(parts));
}

/** Returns the parts of a normal form. */
export function platformParts(platform: Platform): PlatformParts {
  const [os = "", architecture = "", variant = ""] = platform.split("/");
  return { os, architecture, variant };
}

/**
 * Returns whether a machine of that platform runs the image, as containerd and the builders decide: an older ARM, or
 * 386 on amd64, is accepted.
 */
export function runsOn(seen: PlatformParts, wanted: Platform): boolean {
  if (isPlatform(seen, wanted)) return true;
  const image = normalize(seen);
  const machine = platformParts(wanted);
  if (image.os !== machine.os) return false;
  if (image.architecture === machine.architecture)
    return image.architecture !== "arm" || image.variant <= machine.variant;
  return ["amd64 386", "arm64 arm"].includes(`${machine.architecture} ${image.architecture}`);
}

/** Returns whether an image is for that platform. An empty variant, as engines often report, matches any. */
export function isPlatform(seen: PlatformParts, wanted: Platform): boolean {
  if (platformOf(seen) === wanted) return true;
  const { os, architecture } = normalize(seen);
  const expected = platformParts(wanted);
  return seen.variant === "" && os === expected.os && architecture === expected.architecture;
}
