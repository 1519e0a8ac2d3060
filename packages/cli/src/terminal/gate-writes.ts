import type { Writable } from "node:stream";

export interface Gate {
  /** Drops all further writes. */
  close(): void;
  open(): void;
}

/** Puts an open gate in front of the stream. Dropped writes report success. */
export function gateWrites(stream: Writable): Gate {
  const write = stream.write.bind(stream) as (...args: unknown[]) => boolean;
  let isOpen = true;
  stream.write = (...args: unknown[]) => {
    if (isOpen) return write(...args);
    const done = args.find((argument) => typeof argument === "function");
    if (done !== undefined) process.nextTick(done);
    return true;
  };
  return {
    close: () => {
      isOpen = false;
    },
    open: () => {
      isOpen = true;
    },
  };
}
