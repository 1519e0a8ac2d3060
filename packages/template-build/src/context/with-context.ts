import { isImageSourceError, type BuildContext, type Call } from "@molecule/core";
import { templateContext, type TemplateContextRequest } from "./template-context.js";

/**
 * Runs `use` with the context of a template. The step `context` lasts until the builder has all that it needs of the
 * context, or until `use` ends: a Dockerfile that copies nothing does not need it. If the context cannot be read, rejects
 * with that error, whatever `use` rejects with.
 */
export async function withContext<T>(
  request: Omit<TemplateContextRequest, "onAmount" | "onRead" | "onFailure" | "signal">,
  { signal, progress }: Call,
  use: (context: BuildContext) => Promise<T>,
): Promise<T> {
  let reportBytes: (bytes: number) => void = () => undefined;
  let onRead = (): void => undefined;
  let onFailure: (error: unknown) => void = () => undefined;
  const read = new Promise<void>((resolve, reject) => {
    [onRead, onFailure] = [resolve, reject];
  });
  const onAmount = (bytes: number): void => {
    reportBytes(bytes);
  };
  const context = templateContext({ ...request, signal, onAmount, onRead, onFailure });
  const step = progress.step("context", request.dockerfile, (report) => {
    reportBytes = (bytes) => {
      report.amount(bytes, undefined, "bytes");
    };
    return read;
  });
  const ended = step
    .catch((reason: unknown) => reason)
    .finally(() => {
      // The builder may request files again, which no longer counts.
      reportBytes = () => undefined;
    });
  try {
    const result = await use({ ...context, onReceived: onRead });
    onRead();
    return result;
  } catch (error) {
    onFailure(new Error("the build failed before the context was read"));
    const why = await ended;
    throw isImageSourceError(why) ? why : error;
  } finally {
    context.close();
    await ended;
  }
}
