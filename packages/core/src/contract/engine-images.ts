import type { EngineCall } from "./engine-call.js";
import type { Readable } from "node:stream";
import type { Platform, PlatformParts } from "../values/platform.js";
import type { StepReport } from "./progress.js";

/** Options of an image inspection. */
export interface InspectCall extends EngineCall {
  readonly platform?: Platform | undefined;
}

/** The inspection of an image. */
export interface ImageInspection extends PlatformParts {
  /** `sha256:` and 64 hex digits. The images of one index may share it: a container needs the platform as well. */
  readonly id: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Familiar references with tags. */
  readonly tags: readonly string[];
  /** Familiar references with digests. */
  readonly digests: readonly string[];
  readonly sizeBytes: number;
  /** When it was last tagged here (ISO 8601); null if it has no name, or the engine does not report it. */
  readonly taggedAt: string | null;
}

/** An image in a list. */
export interface ImageSummary {
  readonly id: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly tags: readonly string[];
  readonly digests: readonly string[];
  readonly sizeBytes: number;
  /** Seconds since 1970. */
  readonly createdAt: number;
  /** The platforms that are present, if the engine stores an index as one image. */
  readonly platforms?: readonly Platform[] | undefined;
}

/** An image to fetch from a registry. */
export interface PullRequest {
  readonly reference: string;
  /** Undefined: the engine's own. */
  readonly platform: Platform | undefined;
  readonly report: StepReport;
}

/** The result of a pull. */
export interface PulledImage {
  /** The digest of the reference in the registry, which may be that of an index; undefined if not reported. */
  readonly digest: string | undefined;
  /** The digest of the platform's own manifest, if the engine stores the image under it. */
  readonly manifest?: string | undefined;
  /** The image's ID, if the engine reports it. */
  readonly imageId?: string | undefined;
}

/** An image to push to the registry in its name. */
export interface PushRequest {
  readonly reference: string;
  readonly report: StepReport;
}

/** Images to load from an archive written by `docker save`. */
export interface LoadRequest {
  /** A tar stream; destroyed when the load ends. */
  readonly archive: Readable;
  readonly report: StepReport;
}
