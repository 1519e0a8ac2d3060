import type { Readable } from "node:stream";

/** A build context whose stream is watched for failures. */
export interface WatchedContext {
  /** Aborts with the stream's own error if it fails or is closed before its end. */
  readonly broken: AbortSignal;
  /**
   * Stops watching for an early close, because the engine does not read the stream; {@link release} then keeps it open.
   */
  leave(): void;
  /** Stops watching and destroys the stream, unless {@link leave} was called. */
  release(): void;
}

/** Watches from now on, so that no failure of the stream is missed while other requests to the engine are pending. */
export function watchContext(context: Readable): WatchedContext {
  const broken = new AbortController();
  const onError = (error: Error): void => {
    broken.abort(error);
  };
  const onClose = (): void => {
    if (!context.readableEnded)
      broken.abort(context.errored ?? new Error("the build context was closed early"));
  };
  context.on("error", onError);
  context.on("close", onClose);
  if (context.destroyed) onClose();
  let isLeft = false;
  return {
    broken: broken.signal,
    leave: () => {
      isLeft = true;
      context.off("close", onClose);
    },
    release: () => {
      if (isLeft) return;
      context.off("close", onClose);
      // Keep the error listener: a destroyed stream may still emit an error, which no longer matters.
      context.destroy();
    },
  };
}
