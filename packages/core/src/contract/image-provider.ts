import type { Found, ProvidingStep, ReadyImage, Resolution } from "./image-source.js";
import type { ProgressListener } from "./progress.js";
import type { PruneRequest, PruneResult } from "./prunable.js";
import type { Selection } from "./selection.js";

/** Provides ready images for runtimes. Created by `createImageProvider` of `@molecule/host`. */
export interface ImageProvider {
  readonly selection: Selection;
  /** Returns what `ensure` would do. Reads the network and the engine; changes nothing. */
  plan(runtime: string, options?: ImageOptions): Promise<Plan>;
  /**
   * Builds or pulls the image if necessary. Concurrent callers share the work if their runtime and options agree;
   * `signal` and `onProgress` are each caller's own. Rejects with `CONFIG_INVALID`, before anything is contacted, for an
   * option that the source does not support.
   */
  ensure(runtime: string, options?: EnsureOptions): Promise<EnsuredImage>;
  /** Like `ensure`, but pulls whatever the policy, or builds without cache. */
  refresh(runtime: string, options?: RefreshOptions): Promise<EnsuredImage>;
  /**
   * Removes old images and checkouts of the source, never one that is in use or being made.
   * Does nothing for a source that creates none. May be repeated. Rejects with `CONFIG_INVALID` for invalid
   * options.
   */
  prune(request?: PruneRequest, options?: Pick<CallerOptions, "signal">): Promise<PruneResult>;
  /** Cancels running work, waits until it has ended, and closes connections. Later calls reject with `CANCELLED`. */
  close(options?: CloseOptions): Promise<void>;
  /** Same as {@link close}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** Options of one caller, which do not affect others that share the work. */
export interface CallerOptions {
  /** Rejects this caller with `CANCELLED`; the work stops when its last caller has left. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ProgressListener | undefined;
}

/** Whether shared work is cancelled or finishes when its last caller leaves, or when the provider is closed. */
export type RunningWork = "cancel" | "finish";

/** Options of `close`. */
export interface CloseOptions {
  /** `finish`: running work continues to its end, and its callers get their images. Default: `cancel`. */
  readonly running?: RunningWork | undefined;
}

/** The requested image, and the time limit. Each option takes precedence over the configuration. */
export interface ImageOptions extends CallerOptions {
  /** The full hash of the commit to build. For sources that build templates. */
  readonly revision?: string | undefined;
  /** The digest of the image to pull, `sha256:…`. For sources that pull. */
  readonly digest?: string | undefined;
  /** `linux/ARCH[/VARIANT]`, or `native` for the engine's own. */
  readonly platform?: string | undefined;
  /** The time limit of the work in milliseconds, at most 24 days. */
  readonly timeoutMs?: number | undefined;
}

/** Options of one caller of `refresh`. */
export interface RefreshOptions extends ImageOptions {
  /** `finish`: the work continues, for later callers, until the provider is closed. Default: `cancel`. */
  readonly whenAborted?: RunningWork | undefined;
}

/** Options of one caller of `ensure`. */
export interface EnsureOptions extends RefreshOptions {
  /**
   * A plan that this provider has just returned for the runtime; its result is reused instead of another lookup, and
   * its revision, digest and platform apply. A plan of another provider has no effect, nor does one for another
   * revision, digest or platform than this call asks for.
   */
  readonly plan?: Plan | undefined;
}

/** A ready image, and how it was obtained. */
export interface EnsuredImage extends ReadyImage {
  readonly source: string;
  /** Whether the image already existed. */
  readonly cached: boolean;
  /** True only for a last-good image. */
  readonly stale: boolean;
  /** Whole milliseconds. */
  readonly durationMs: number;
}

/** The fields of {@link EnsuredImage} that are known in advance. */
export interface Plan {
  readonly source: string;
  readonly reference: string;
  /** Null on a miss. */
  readonly imageId: string | null;
  readonly digest: string | null;
  readonly revision: Resolution["revision"];
  readonly platform: Resolution["platform"];
  readonly buildKey: string | null;
  /**
   * The names of the build arguments, as far as they are known before the build; null for a last-good image, or if the
   * source does not build or does not report them.
   */
  readonly buildArgs: readonly string[] | null;
  readonly engine: Found["image"]["engine"];
  readonly cached: null;
  /** As in {@link EnsuredImage}. */
  readonly stale: boolean;
  readonly durationMs: null;
  readonly hit: boolean;
  /** The step that would provide the image; null on a hit. */
  readonly step: ProvidingStep | null;
  /** Why this source is selected. */
  readonly because: string;
  /** Why the image is a miss, else null. */
  readonly why: string | null;
}
