import type { Found, ReadyImage, Resolution } from "./image-source.js";
import type { ProgressListener } from "./progress.js";
import type { PruneRequest, PruneResult } from "./prunable.js";
import type { Selection } from "./selection.js";

/** Answers ready images for runtime names. Made by `createImageProvider` of `@molecule/host`. */
export interface ImageProvider {
  readonly selection: Selection;
  /** Says what `ensure` would do. Reads the network and the engine; changes nothing. */
  plan(runtime: string, options?: CallerOptions): Promise<Plan>;
  /** Makes the image ready. May be called any number of times at once: callers for the same image share the work. */
  ensure(runtime: string, options?: EnsureOptions): Promise<EnsuredImage>;
  /** Like `ensure`, but asks anew: the registry whatever the policy, a build without cache. */
  refresh(runtime: string, options?: CallerOptions): Promise<EnsuredImage>;
  /**
   * Removes what is old of what the source has made here: images and checkouts, never one that is in use or being made.
   * A source that makes nothing of its own has nothing to remove. May be repeated.
   */
  prune(request?: PruneRequest, options?: Pick<CallerOptions, "signal">): Promise<PruneResult>;
  /** Cancels what is running, waits for its end and closes connections. */
  close(): Promise<void>;
}

/** What one caller wants for itself, however many share the work. */
export interface CallerOptions {
  /** Ends this caller's waiting with `CANCELLED`; the work stops when its last caller has left. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ProgressListener | undefined;
}

/** What one caller of `ensure` wants. */
export interface EnsureOptions extends CallerOptions {
  /**
   * A plan that this provider has just returned for the runtime: what it found is used in place of another look-up. One
   * of another provider has no effect.
   */
  readonly plan?: Plan | undefined;
}

/** An image that is ready, and how it came to be. */
export interface EnsuredImage extends ReadyImage {
  readonly source: string;
  /** It was there already. */
  readonly cached: boolean;
  /** True only for a last-good image. */
  readonly stale: boolean;
  /** Milliseconds, whole. */
  readonly durationMs: number;
}

/** The same fields as {@link EnsuredImage}, as far as they are known before anything is done. */
export interface Plan {
  readonly source: string;
  readonly reference: string;
  /** Null on a miss. */
  readonly imageId: string | null;
  readonly digest: string | null;
  readonly revision: Resolution["revision"];
  readonly platform: Resolution["platform"];
  readonly buildKey: string | null;
  readonly engine: Found["image"]["engine"];
  readonly cached: null;
  /** As of {@link EnsuredImage}. */
  readonly stale: boolean;
  readonly durationMs: null;
  readonly hit: boolean;
  /** Why this source. */
  readonly because: string;
  /** Why it is a miss, else null. */
  readonly why: string | null;
}
