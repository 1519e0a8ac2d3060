import type { ContextFiles } from "@molecule/core";
import { listContext } from "./list-context.js";
import type { PackContextRequest } from "./pack-context.js";

/** The files of a build context, and whether they have been fetched. */
export interface FetchedContext {
  readonly files: ContextFiles;
  /** Resolves when the whole context has been fetched; rejects if part of it could not be read. */
  readonly over: Promise<void>;
}

/**
 * The build context that `packContext` packs, file by file: the same entries with the same modes and time. Fails as
 * `packContext` does.
 */
export function contextFiles(request: PackContextRequest): FetchedContext {
  let succeed = (): void => undefined;
  let fail: (error: unknown) => void = () => undefined;
  const over = new Promise<void>((resolve, reject) => {
    succeed = resolve;
    fail = reject;
  });
  // There may be no caller that waits for it.
  over.catch(() => undefined);
  let given = 0;
  const files: ContextFiles = {
    modifiedAt: request.modifiedAt,
    list: (only) =>
      listContext(request, only, {
        onBytes: (bytes) => {
          // Files read in advance to determine the context are not part of it.
          if (only === undefined) request.onAmount?.((given += bytes));
        },
        onFailure: fail,
        onFetched: () => {
          if (only === undefined) succeed();
        },
      }),
  };
  return { files, over };
}
