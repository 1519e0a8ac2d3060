import type { Writable } from "node:stream";

/** Redirects whole lines written to the stream to the listener. Returns a function that restores the stream. */
export function divertWrites(stream: Writable, listener: (lines: string) => void): () => void {
  // eslint-disable-next-line @typescript-eslint/unbound-method -- restored unchanged
  const { write } = stream;
  let unfinished = "";
  stream.write = (chunk: unknown, ...rest: unknown[]) => {
    unfinished += typeof chunk === "string" ? chunk : Buffer.from(chunk as Uint8Array).toString();
    const end = unfinished.lastIndexOf("\n") + 1;
    if (end > 0) listener(unfinished.slice(0, end));
    unfinished = unfinished.slice(end);
    const done = rest.find((argument) => typeof argument === "function");
    if (done !== undefined) process.nextTick(done);
    return true;
  };
  return () => {
    stream.write = write;
    if (unfinished !== "") stream.write(unfinished);
  };
}
