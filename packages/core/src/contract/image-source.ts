import type { Attributes } from "./attributes.js";
import type { CommitSha } from "../values/commit-sha.js";
import type { EngineIdentity } from "./container-engine.js";
import type { ImageRequest } from "./image-request.js";
import type { Log } from "./edges.js";
import type { Platform } from "../values/platform.js";
import type { Progress } from "./progress.js";
import type { Step } from "../errors/step.js";
import type { RuntimeName } from "../values/runtime-name.js";

/**
 * Provides the image for a workspace runtime. All three methods are required.
 * The spine joins callers, checks the allowlist and the results, enforces the deadline, and masks secrets.
 */
export interface ImageSource {
  /** Lower case and stable: the name appears in configuration, logs, labels and errors. */
  readonly name: string;
  /** Returns exactly which image would be used. Reads the network; changes nothing. */
  resolve(runtime: RuntimeName, call: Call): Promise<Resolution>;
  /** Finds exactly that image and verifies its labels and platform, or returns why it is missing. Changes nothing. */
  find(resolution: Resolution, call: Call): Promise<Found | Missing>;
  /**
   * Builds or pulls that image. Repeating it is cheap and harmless: with `found` it only completes what follows a hit,
   * such as updating an alias.
   */
  provide(resolution: Resolution, found: Found | undefined, call: Call): Promise<ProvidedImage>;
}

/** The context of every call of a source. */
export interface Call {
  /** Aborts when the last caller has left or a time limit expires. */
  readonly signal: AbortSignal;
  readonly progress: Progress;
  readonly log: Log;
  /** True for `refresh`: do not use caches. */
  readonly fresh: boolean;
  /** Reports facts about this call to the host's observer, for traces. Nothing else reads them. */
  readonly annotate?: (attributes: Attributes) => void;
  /** The caller's request. Takes precedence over the configuration; holds only options that the plugin declares. */
  readonly requested?: ImageRequest | undefined;
}

/**
 * Identifies an image exactly. A source may add members for its own use in later calls: nothing else reads, prints or
 * stores them, and no other result of a source may hold a secret.
 */
export interface Resolution {
  readonly runtime: RuntimeName;
  /** The name that the image has, or will have, in its engine. */
  readonly reference: string;
  /** The commit that the image is built from; null for a working copy, and if the source does not build. */
  readonly revision: CommitSha | null;
  /** A hash of everything that affects the build; null if the source does not build. */
  readonly buildKey: string | null;
  readonly platform: Platform;
  /**
   * The names of the build arguments, as far as they are known before the build: also those that the build sets only if
   * the template declares them. Undefined if the source does not build. Only for display.
   */
  readonly buildArgs?: readonly string[];
  /** The step that provides the image if it is missing. Default: `build` with a build key, else `pull`. */
  readonly step?: ProvidingStep;
}

/** A step that provides an image. */
export type ProvidingStep = Extract<Step, "build" | "pull" | "load">;

/** The image exists. */
export interface Found {
  readonly hit: true;
  readonly image: ReadyImage;
}

/** The image does not exist, or another image has its name. */
export interface Missing {
  readonly hit: false;
  /** One line. */
  readonly why: string;
  /** Another image has its name; logged as a warning. */
  readonly impostor?: boolean;
}

/** An image that can be run. */
export interface ReadyImage {
  /** As resolved; in the same repository by `digest`, if no engine holds the image. */
  readonly reference: string;
  /** `sha256:` and 64 hex digits. Containers are created by this, never by the reference. */
  readonly imageId: string;
  /** The registry's digest; null for a build that is in an engine or a storage. */
  readonly digest: string | null;
  readonly revision: CommitSha | null;
  readonly platform: Platform;
  readonly buildKey: string | null;
  /** The engine that holds the image; null if no engine API does. */
  readonly engine: EngineIdentity | null;
}

/** The result of `provide`. */
export interface ProvidedImage extends ReadyImage {
  /** Whether this call built the image, instead of pulling or loading it: only such an image is shared. Default: false. */
  readonly built?: boolean;
}
