import { foreignPlatform, type ForeignBase, type PlatformParts } from "@molecule/core";

/** The base images that a build's output reports. */
export interface BaseImages {
  /** A line, or several at once, of the classic builder or Podman's. */
  takeLine(line: string): void;
  /** A step of BuildKit. */
  takeStep(name: string): void;
  /** A warning of BuildKit. */
  takeWarning(text: string): void;
  readonly used: readonly string[];
  readonly foreign: readonly ForeignBase[];
}

export function baseImages(): BaseImages {
  const used = new Set<string>();
  const foreign: ForeignBase[] = [];
  const stages = new Set<string>();
  let current: string | undefined;

  const take = (image: string): void => {
    if (image !== "scratch" && !stages.has(image.toLowerCase())) used.add(image);
  };
  return {
    /*
     * `Step 1/3 : FROM h/x:y AS z`; Podman leaves the flag out, `[1/2] STEP 1/3: FROM h/x:y`, and warns next. Measured on 20.10,
     * 28; 4.3.1, 5.4.2, 5.8.6.
     */
    takeLine: (line) => {
      const [, instruction] = /^(?:\[\d+\/\d+\] )?STEP \d+\/\d+ ?: (.*)$/i.exec(line) ?? [];
      if (instruction !== undefined) {
        const [, flags, image, stage = ""] =
          /^FROM ((?:--\S+ +)*)(\S+)(?: +AS +(\S+))?/i.exec(instruction) ?? [];
        current = flags === "" ? image : undefined;
        if (current !== undefined) take(current);
        stages.add(stage.toLowerCase());
      }
      const platform = foreignPlatform(line) ?? pulledPlatform(line);
      if (platform !== undefined && current !== undefined) foreign.push({ image: current, platform });
    },
    // `[build 1/3] FROM h/x:y@sha256:…`
    takeStep: (name) => {
      const [, image] = /^\[(?:[^\]]* )?\d+\/\d+\] FROM (\S+)/.exec(name) ?? [];
      if (image !== undefined) take(image);
    },
    // Of Docker 27 and newer.
    takeWarning: (text) => {
      const [, image = "", platform = ""] =
        /^InvalidBaseImagePlatform: Base image (\S+) was pulled with platform "([^"]+)"/.exec(text) ?? [];
      if (image !== "") foreign.push({ image, platform: parts(platform) });
    },
    get used() {
      return [...used];
    },
    foreign,
  };
}

function parts(written: string): PlatformParts {
  const [os = "", architecture = "", variant = ""] = written.split("/");
  return { os, architecture, variant };
}

/** Of the classic builder, as one text of several lines. Measured on 20.10.24 and 28.5.2. */
function pulledPlatform(text: string): PlatformParts | undefined {
  const [, platform] =
    /WARNING: Pulled image with specified platform \(\S+\), but the resulting image's configured platform \((\S+)\) does not match/.exec(
      text,
    ) ?? [];
  return platform === undefined ? undefined : parts(platform);
}
