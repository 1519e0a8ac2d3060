import type { Readable } from "node:stream";

/**
 * From now on, calls `fail` with the stream's error if the stream fails or is closed before its end, even while other
 * requests to the engine are pending.
 * @returns a function that destroys the stream without calling `fail`
 */
export function watchStream(stream: Readable, fail: (error: unknown) => void): () => void {
  const onClose = (): void => {
    if (!stream.readableEnded) fail(stream.errored ?? new Error("the stream was closed early"));
  };
  stream.on("error", fail);
  stream.on("close", onClose);
  if (stream.destroyed) onClose();
  return () => {
    stream.off("close", onClose);
    // Keep the error listener: a destroyed stream may still emit an error, which no longer matters.
    stream.destroy();
  };
}
