import type { Readable } from "node:stream";
import { finished } from "node:stream/promises";
import { isImageSourceError, type Call } from "@molecule/core";
import { packContext, type PackContextRequest } from "./pack-context.js";

/**
 * Hands the packed context to `send`, which reads it; the step `context` lasts from the first byte to the last. When
 * the context could not be packed, that is what it rejects with, whatever was made of it at the other end.
 */
export async function packingStep<T>(
  request: Omit<PackContextRequest, "onAmount" | "signal">,
  { signal, progress }: Call,
  send: (context: Readable) => Promise<T>,
): Promise<T> {
  let tell: (bytes: number) => void = () => undefined;
  const onAmount = (bytes: number): void => {
    tell(bytes);
  };
  const context = packContext({ ...request, signal, onAmount });
  const packed = progress.step("context", request.dockerfile, (report) => {
    tell = (bytes) => {
      report.amount(bytes, undefined, "bytes");
    };
    return finished(context);
  });
  // Heard below, when the other end has said what it has to say.
  packed.catch(() => undefined);
  try {
    return await send(context);
  } catch (error) {
    context.destroy();
    const why: unknown = await packed.catch((reason: unknown) => reason);
    throw isImageSourceError(why) ? why : error;
  } finally {
    context.destroy();
    await packed.catch(() => undefined);
  }
}
