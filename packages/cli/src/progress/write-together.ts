import type { Writable } from "node:stream";

/** Combines the writes to the stream in this turn of the event loop into one, or several if they exceed its buffer. */
export function writeTogether(stream: Writable): void {
  if (stream.writableCorked === 0) {
    stream.cork();
    process.nextTick(() => {
      stream.uncork();
    });
  } else if (stream.writableLength > stream.writableHighWaterMark) {
    stream.uncork();
    stream.cork();
  }
}
