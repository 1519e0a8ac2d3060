import { foreignPlatform, type ForeignBase } from "../images/foreign-base.js";
import type { PlatformParts } from "../values/platform.js";

/** The base images that a build's output reports. */
export interface BaseImages {
  /** Takes one or more lines of output from the classic builder or from Podman's. */
  takeLine(line: string): void;
  /** Takes the name of a BuildKit step. */
  takeStep(name: string): void;
  /** Takes a BuildKit warning. */
  takeWarning(text: string): void;
  /** By name, or by ID if the Dockerfile names them with variables. */
  readonly used: readonly string[];
  readonly foreign: readonly ForeignBase[];
}

/** Collects the base images of one build. */
export function baseImages(): BaseImages {
  const used = new Set<string>();
  const foreign: ForeignBase[] = [];
  const stages = new Set<string>();
  let current: string | undefined;
  let isUnresolved = false;

  const take = (image: string): void => {
    if (image !== "scratch" && !stages.has(image.toLowerCase())) used.add(image);
  };
  return {
    /*
     * Docker prints `Step 1/3 : FROM h/x:y AS z`. Podman omits the flag (`[1/2] STEP 1/3: FROM h/x:y`) and warns on the
     * next line. Docker prints the name as written (`FROM ${BASE}`), and ` ---> ID` on the next line, or later if it
     * pulls the image. Measured on Docker 20.10 and 28, and Podman 4.3.1, 5.4.2 and 5.8.6.
     */
    takeLine: (line) => {
      const [, instruction] = /^(?:\[\d+\/\d+\] )?STEP \d+\/\d+ ?: (.*)$/i.exec(line) ?? [];
      if (instruction !== undefined) {
        const [, flags, image, stage = ""] =
          /^FROM ((?:--\S+ +)*)(\S+)(?: +AS +(\S+))?/i.exec(instruction) ?? [];
        current = flags === "" ? image : undefined;
        isUnresolved = current?.includes("$") === true;
        if (current !== undefined && !isUnresolved) take(current);
        stages.add(stage.toLowerCase());
      }
      const [, id] = /^ ---> ([0-9a-f]{12,})$/.exec(line) ?? [];
      if (isUnresolved && id !== undefined) {
        isUnresolved = false;
        take(id);
      }
      const platform = foreignPlatform(line) ?? pulledPlatform(line);
      if (platform !== undefined && current !== undefined) foreign.push({ image: current, platform });
    },
    // `[build 1/3] FROM h/x:y@sha256:…`
    takeStep: (name) => {
      const [, image] = /^\[(?:[^\]]* )?\d+\/\d+\] FROM (\S+)/.exec(name) ?? [];
      if (image !== undefined) take(image);
    },
    // Docker 27 and newer send this warning.
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

/**
 * Parses the classic builder's warning, which arrives as one text of several lines. Measured on 20.10.24 and 28.5.2.
 */
function pulledPlatform(text: string): PlatformParts | undefined {
  const [, platform] =
    /WARNING: Pulled image with specified platform \(\S+\), but the resulting image's configured platform \((\S+)\) does not match/.exec(
      text,
    ) ?? [];
  return platform === undefined ? undefined : parts(platform);
}
