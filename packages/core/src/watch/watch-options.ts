import type { Clock } from "../contract/edges.js";
import type { ImageSourceError } from "../errors/errors.js";
import type { EnsuredImage } from "../contract/image-provider.js";
import type { ProgressListener } from "../contract/progress.js";

/** How {@link watchImages} looks, and who hears of what comes. */
export interface WatchOptions {
  /** Between two looks at a runtime, in milliseconds; each time up to a tenth more or less. */
  readonly everyMs: number;
  /** Ends the watch. */
  readonly signal: AbortSignal;
  /** The image of the first look, and each one that is another than the one before. */
  readonly onImage: (runtime: string, image: EnsuredImage) => void;
  /**
   * A look, a build or a pull that failed, and after how many milliseconds it is tried again: twice as long with each
   * failure in a row, up to an hour, and not before the other side has asked for. Until then a commit that failed is not
   * built again; a new one is.
   */
  readonly onError?: ((runtime: string, error: ImageSourceError, retryInMs: number) => void) | undefined;
  /** Hears what is done, not what is only looked at. */
  readonly onProgress?: ProgressListener | undefined;
  /** Default: that of the machine. */
  readonly clock?: Clock | undefined;
}
