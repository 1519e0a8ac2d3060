import { watch, type FSWatcher } from "node:fs";
import { access } from "node:fs/promises";
import { basename, dirname } from "node:path";

/** Watches for the removal of a file. */
export interface FileWatch {
  /** Aborts when the file goes from now on, or has gone since this was asked before; and with the watch's own signal. */
  over(): AbortSignal;
  close(): void;
}

/**
 * Not reliable: network file systems report nothing, and watches are limited for each user. Callers must also
 * poll.
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
