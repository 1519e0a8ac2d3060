import type { CommitSha } from "../values/commit-sha.js";
import type { EngineIdentity } from "./container-engine.js";
import type { Log } from "./edges.js";
import type { Platform } from "../values/platform.js";
import type { Progress } from "./progress.js";
import type { RuntimeName } from "../values/runtime-name.js";

/**
 * Where the image for a workspace runtime comes from. Three verbs, none optional.
 * The spine joins callers, checks the allowlist, sets the deadline, masks, stamps errors and checks answers.
 */
export interface ImageSource {
  /** Lower case and stable: it appears in configuration, logs, labels and errors. */
  readonly name: string;
  /** Says exactly which image would be used. Reads the network; changes nothing. */
  resolve(runtime: RuntimeName, call: Call): Promise<Resolution>;
  /** Finds that very image, verified (labels, platform), or says why it is not there. Changes nothing. */
  find(resolution: Resolution, call: Call): Promise<Found | Missing>;
  /**
   * Makes that image present. Repeating it is cheap and harmless: with `found` it only settles what follows a hit
   * (an alias that lags).
   */
  provide(resolution: Resolution, found: Found | undefined, call: Call): Promise<ReadyImage>;
}

/** What comes with every call of a source. */
export interface Call {
  /** Aborted when nobody waits any more or the time is up. */
  readonly signal: AbortSignal;
  readonly progress: Progress;
  readonly log: Log;
  /** Asked for anew (`refresh`): caches are not to be trusted. */
  readonly fresh: boolean;
}

/**
 * Exactly which image. A source may add members of its own, for its later verbs: nobody else reads, prints or keeps
 * them, and alone of what a source answers they may hold a secret.
 */
export interface Resolution {
  readonly runtime: RuntimeName;
  /** The name the image has, or will have, in its engine. */
  readonly reference: string;
  /** The commit it is built from; null where the source does not build. */
  readonly revision: CommitSha | null;
  /** Names everything that changes the result of a build; null where the source does not build. */
  readonly buildKey: string | null;
  readonly platform: Platform;
}

/** The image is there. */
export interface Found {
  readonly hit: true;
  readonly image: ReadyImage;
}

/** The image is not there, or what is there under its name is another one. */
export interface Missing {
  readonly hit: false;
  /** One line. */
  readonly why: string;
  /** Something else has its name: operators are warned. */
  readonly impostor?: boolean;
}

/** An image that can be run. */
export interface ReadyImage {
  readonly reference: string;
  /** `sha256:` and 64 hex digits. Containers are created by this, never by the reference. */
  readonly imageId: string;
  /** The registry's digest; null for a build. */
  readonly digest: string | null;
  readonly revision: CommitSha | null;
  readonly platform: Platform;
  readonly buildKey: string | null;
  /** Which engine holds it; null when no engine API does. */
  readonly engine: EngineIdentity | null;
}
