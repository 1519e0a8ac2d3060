import type { Writable } from "node:stream";

const drains = new WeakMap<Writable, Promise<void>>();

/**
 * Returns undefined while the stream accepts more, else a promise that resolves when it does, or when its reader has
 * gone. Returns the same promise until then.
 */
export function whenDrained(stream: Writable): Promise<void> | undefined {
  if (!stream.writableNeedDrain || stream.errored !== null) return undefined;
  const known = drains.get(stream);
  if (known !== undefined) return known;
  const drained = new Promise<void>((resolve) => {
    const events = ["drain", "error", "close"];
    const settle = (): void => {
      for (const event of events) stream.off(event, settle);
      drains.delete(stream);
      resolve();
    };
    for (const event of events) stream.on(event, settle);
  });
  drains.set(stream, drained);
  return drained;
}
