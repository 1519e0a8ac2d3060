import type { Writable } from "node:stream";
import type { Mask } from "@molecule/core";

/**
 * Puts the mask in front of a stream, for those who write to it without asking: with `NODE_DEBUG` Node prints the
 * headers that it sends, with `DEBUG` so do dependencies. Bytes, which only a container's output is, pass as they are.
 */
export function maskTexts(stream: Writable, mask: Mask): void {
  const write = stream.write.bind(stream) as (...args: unknown[]) => boolean;
  stream.write = (chunk: unknown, ...rest: unknown[]) =>
    write(typeof chunk === "string" ? mask.text(chunk) : chunk, ...rest);
}
