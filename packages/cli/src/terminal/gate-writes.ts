import type { Writable } from "node:stream";

export interface Gate {
  /** From now on what is written is dropped. */
  close(): void;
  open(): void;
}

/** Puts a gate, which is open, in front of the stream. What is dropped counts as written. */
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
