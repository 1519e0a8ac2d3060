import { posix } from "node:path";
import type { ContextListing, ContextListingEntry } from "@molecule/core";
import { contextEntries, type ContextSelection, type FileEntry } from "./context-entries.js";
import { contextIgnores } from "./context-ignores.js";
import { contextMode, openFileEntry } from "./open-file-entry.js";
import { OpenPath } from "./open-path.js";
import type { PackContextRequest } from "./pack-context.js";
import { awaited, valuesOf, type Coroutine } from "./coroutine.js";
import { changedDuringRead, unreadable } from "./unreadable.js";

/** Receives the entries of a listing. */
export interface ListingEvents {
  readonly onBytes: (bytes: number) => void;
  readonly onFailure: (error: unknown) => void;
  readonly onFetched: () => void;
}

const chunkBytes = 128 * 1024;

/** Lists a build context, or only the given paths that exist. A file is opened when its content is requested. */
export function listContext(
  request: PackContextRequest,
  only: readonly string[] | undefined,
  { onBytes, onFailure, onFetched }: ListingEvents,
): ContextListing {
  const { directory, signal } = request;
  const listed = new Map<string, ContextListingEntry>();
  const place = new OpenPath(directory);
  const state = { isReading: false, isClosed: false };
  // Not during a read, which uses the open directories.
  const closeUnread = (): void => {
    if (state.isClosed && !state.isReading) place.close();
  };

  function* entries(): Coroutine<ContextListingEntry> {
    const selection = yield* awaited(selectionOf(request, only));
    for (const entry of contextEntries(directory, selection)) {
      if (!("kind" in entry)) yield entry;
      else if (entry.kind === "file") {
        const file = yield* listedFile(entry);
        listed.set(entry.path, file);
        yield file;
      } else if (entry.kind === "link") yield { ...entry, mode: 0o777, size: 0 };
      else yield { ...entry, mode: 0o755, size: 0, target: "" };
    }
  }

  function* content(path: string): Coroutine<Uint8Array> {
    if (state.isClosed) throw new TypeError("this listing is closed");
    state.isReading = true;
    try {
      yield* read(path);
    } finally {
      state.isReading = false;
      closeUnread();
    }
  }

  function* read(path: string): Coroutine<Uint8Array> {
    const parent = yield* place.to(posix.dirname(path));
    const name = posix.basename(path);
    const file = yield* awaited(openFileEntry({ kind: "file", path, name, parent }));
    try {
      const seen = listed.get(path);
      if (seen?.size !== file.size || seen.mode !== file.mode) throw changedDuringRead(path);
      do {
        const room = Buffer.allocUnsafeSlow(Math.min(file.size + 1, chunkBytes));
        const bytes = yield* awaited(file.read(room, 0));
        onBytes(bytes);
        if (bytes > 0) yield room.subarray(0, bytes);
      } while (!file.isRead);
    } finally {
      file.close();
    }
    listed.delete(path);
  }

  async function* withFailureEvent<T>(steps: Coroutine<T>): AsyncGenerator<T> {
    try {
      for await (const value of valuesOf(steps)) {
        signal.throwIfAborted();
        yield value;
      }
    } catch (error) {
      onFailure(error);
      throw error;
    }
  }

  return {
    entries: () => withFailureEvent(entries()),
    content: (path) => withFailureEvent(content(path)),
    close(isFetched) {
      state.isClosed = true;
      closeUnread();
      if (isFetched) onFetched();
    },
  };
}

async function selectionOf(
  request: PackContextRequest,
  only: readonly string[] | undefined,
): Promise<ContextSelection> {
  if (only === undefined) return { matcher: (await contextIgnores(request)).matcher, always: [] };
  return { matcher: { ignores: () => true, mayHoldKept: () => false }, always: only };
}

/** Returns the entry without opening the file. It is opened, and compared, when its content is requested. */
function* listedFile({ path, name, parent }: FileEntry): Coroutine<never, ContextListingEntry> {
  try {
    const stats = yield* awaited(parent.lstat(name));
    if (!stats.isFile()) throw changedDuringRead(path);
    return { kind: "file", path, mode: contextMode(stats), size: stats.size, target: "" };
  } catch (error) {
    throw unreadable(path, error);
  }
}
