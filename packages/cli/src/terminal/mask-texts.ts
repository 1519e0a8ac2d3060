import type { Writable } from "node:stream";
import type { Mask } from "@molecule/core";

/**
 * Masks the text written to a stream, including that of Node (`NODE_DEBUG` prints request headers) and dependencies
 * (`DEBUG`). Bytes are not masked, because only a container's output is written as bytes.
 */
export function maskTexts(stream: Writable, mask: Mask): void {
  const write = stream.write.bind(stream) as (...args: unknown[]) => boolean;
  stream.write = (chunk: unknown, ...rest: unknown[]) =>
    write(typeof chunk === "string" ? mask.text(chunk) : chunk, ...rest);
}
