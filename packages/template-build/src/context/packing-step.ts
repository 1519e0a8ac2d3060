import type { Readable } from "node:stream";
import { finished } from "node:stream/promises";
import { isImageSourceError, type Call, type ContextFiles } from "@molecule/core";
import { contextFiles } from "./context-files.js";
import { packContext, type PackContextRequest } from "./pack-context.js";

/**
 * Hands the context to `send`, packed and file by file, which takes the one or the other; the step `context` lasts until it
 * has all. When the context could not be read, that is what it rejects with, whatever was made of it at the other end.
 */
export async function packingStep<T>(
  request: Omit<PackContextRequest, "onAmount" | "signal">,
  { signal, progress }: Call,
  send: (context: Readable, files: ContextFiles) => Promise<T>,
): Promise<T> {
  let tell: (bytes: number) => void = () => undefined;
  const onAmount = (bytes: number): void => {
    tell(bytes);
  };
  const context = packContext({ ...request, signal, onAmount });
  const { files, over } = contextFiles({ ...request, signal, onAmount });
  let end = (): void => undefined;
  // The builder may never ask for it: a Dockerfile that copies nothing does not need it.
  const ended = new Promise<void>((resolve) => (end = resolve));
  const packed = progress.step("context", request.dockerfile, (report) => {
    tell = (bytes) => {
      report.amount(bytes, undefined, "bytes");
    };
    return Promise.race([finished(context), over, ended]);
  });
  // Handled below, after the other end has responded.
  packed
    .catch(() => undefined)
    .finally(() => {
      // Some of it may be requested again.
      tell = () => undefined;
    });
  try {
    const result = await send(context, files);
    end();
    return result;
  } catch (error) {
    context.destroy();
    const why: unknown = await packed.catch((reason: unknown) => reason);
    throw isImageSourceError(why) ? why : error;
  } finally {
    context.destroy();
    await packed.catch(() => undefined);
  }
}
