import type { ContextFiles } from "@molecule/core";
import { listContext } from "./list-context.js";
import type { PackContextRequest } from "./pack-context.js";

/** The files of a build context, and whether they have been fetched. */
export interface FetchedContext {
  readonly files: ContextFiles;
  /** Resolves when the whole context has been fetched; rejects if part of it could not be read. */
  readonly fetched: Promise<void>;
}

/**
 * Returns the same build context as `packContext`, file by file: the same entries with the same modes and time. Fails like
 * `packContext`.
 */
export function contextFiles(request: PackContextRequest): FetchedContext {
  let succeed = (): void => undefined;
  let fail: (error: unknown) => void = () => undefined;
  const fetched = new Promise<void>((resolve, reject) => {
    succeed = resolve;
    fail = reject;
  });
  // A caller may not wait for it.
  fetched.catch(() => undefined);
  let read = 0;
  const files: ContextFiles = {
    modifiedAt: request.modifiedAt,
    list: (only) =>
      listContext(request, only, {
        onBytes: (bytes) => {
          // Files read in advance to determine the context are not part of it.
          if (only === undefined) request.onAmount?.((read += bytes));
        },
        onFailure: fail,
        onFetched: () => {
          if (only === undefined) succeed();
        },
      }),
  };
  return { files, fetched };
}
