import type { Clock } from "../contract/edges.js";
import type { ImageSourceError } from "../errors/errors.js";
import type { EnsuredImage } from "../contract/image-provider.js";
import type { ProgressListener } from "../contract/progress.js";

/** Announces that the image of a runtime may have changed, for example after a push to its template. */
export interface WatchEvents {
  /** Calls the listener with the runtime of each event. Returns a function that ends the subscription. */
  subscribe(listener: (runtime: string) => void): () => void;
}

/** Options of {@link watchImages}. */
export interface WatchOptions {
  /** The polling interval of a runtime in milliseconds, with a jitter of a tenth. */
  readonly everyMs: number;
  /** Ends the watch. */
  readonly signal: AbortSignal;
  /**
   * Each event of a runtime causes a poll: immediately for the first five, then at most one every twelve seconds. An event
   * during a poll or build causes another poll after it. Never shortens a delay that a server asked for.
   */
  readonly events?: WatchEvents | undefined;
  /** Called for the first image of a runtime, and for each different one after it. */
  readonly onImage: (runtime: string, image: EnsuredImage) => void;
  /**
   * Called when a poll, build or pull fails, with the delay until the retry in milliseconds, which doubles with each
   * failure in a row, up to an hour, and is never less than the server asked for. Until then, the failed commit is not
   * built again; a new commit is.
   */
  readonly onError?: ((runtime: string, error: ImageSourceError, retryInMs: number) => void) | undefined;
  /** Receives the progress of builds and pulls, not of polls. */
  readonly onProgress?: ProgressListener | undefined;
  /** Default: the machine's clock. */
  readonly clock?: Clock | undefined;
}
