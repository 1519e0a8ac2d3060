import type { Writable } from "node:stream";

/** What is written to the stream in this turn of the event loop goes out together, or in pieces of what it holds at most. */
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
