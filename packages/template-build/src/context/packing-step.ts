import type { Readable } from "node:stream";
import { finished } from "node:stream/promises";
import { isImageSourceError, type Call, type ContextFiles } from "@molecule/core";
import { contextFiles } from "./context-files.js";
import { packContext, type PackContextRequest } from "./pack-context.js";

/**
 * Passes the context to `send` as an archive and file by file; `send` uses one of the two. The step `context` lasts until
 * the whole context has been read. If the context cannot be read, rejects with that error, whatever `send` rejects with.
 */
export async function packingStep<T>(
  request: Omit<PackContextRequest, "onAmount" | "signal">,
  { signal, progress }: Call,
  send: (context: Readable, files: ContextFiles) => Promise<T>,
): Promise<T> {
  let reportBytes: (bytes: number) => void = () => undefined;
  const onAmount = (bytes: number): void => {
    reportBytes(bytes);
  };
  const context = packContext({ ...request, signal, onAmount });
  const { files, fetched } = contextFiles({ ...request, signal, onAmount });
  let end = (): void => undefined;
  // The builder may never request it: a Dockerfile that copies nothing does not need it.
  const ended = new Promise<void>((resolve) => (end = resolve));
  const packed = progress.step("context", request.dockerfile, (report) => {
    reportBytes = (bytes) => {
      report.amount(bytes, undefined, "bytes");
    };
    return Promise.race([finished(context), fetched, ended]);
  });
  // Handled below, after `send` has settled.
  packed
    .catch(() => undefined)
    .finally(() => {
      // The builder may request files again, which no longer counts.
      reportBytes = () => undefined;
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
