import type { Readable } from "node:stream";

/** A build context under watch. */
export interface WatchedContext {
  /** Aborts with the stream's own error when it fails, or ends before its end. */
  readonly broken: AbortSignal;
  /** Ends the watch: it is not needed. */
  leave(): void;
  /** Ends the watch and the stream, unless it was left. */
  release(): void;
}

/** Watches from now on, so that no failure of the stream goes unheard while the engine is still being asked. */
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
      // The error listener stays: what a destroyed stream still says is nobody's concern any more.
      context.destroy();
    },
  };
}
