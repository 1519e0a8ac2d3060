import { watch, type FSWatcher } from "node:fs";
import { access } from "node:fs/promises";
import { basename, dirname } from "node:path";

/** Watches for the removal of a file. */
export interface FileWatch {
  /**
   * Returns a signal that aborts when the file is removed from now on, or was removed since the last call; also when
   * the watch's own signal aborts.
   */
  over(): AbortSignal;
  close(): void;
}

/**
 * Watches a file. Not reliable: network file systems report nothing, and the number of watches per user is limited, so
 * callers must also poll.
 */
export function watchFile(path: string, signal: AbortSignal): FileWatch {
  let gone = new AbortController();
  let over = AbortSignal.any([gone.signal, signal]);
  const watcher = watched(dirname(path), (name) => {
    if (name !== basename(path)) return;
    const listener = gone;
    access(path).catch(() => {
      listener.abort();
    });
  });
  return {
    over() {
      if (gone.signal.aborted) {
        gone = new AbortController();
        over = AbortSignal.any([gone.signal, signal]);
      }
      return over;
    },
    close: () => watcher?.close(),
  };
}

function watched(directory: string, onChange: (name: string | null) => void): FSWatcher | undefined {
  try {
    const watcher = watch(directory, { persistent: false }, (_event, name) => {
      onChange(name);
    });
    return watcher.on("error", () => undefined);
  } catch {
    return undefined;
  }
}
