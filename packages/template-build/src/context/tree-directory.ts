import { constants, type Dirent, type Stats } from "node:fs";
import { diskCallsFor } from "./disk-calls-for.js";
import type { DiskCalls, OpenedFile } from "./disk-calls.js";
import { awaited, type Awaitable, type Coroutine } from "./coroutine.js";
import { changedDuringRead } from "./unreadable.js";

/**
 * An open directory. Its entries are reached through the open directory itself, so that nothing outside is
 * read if a directory is replaced by a link at the same time. On systems without `/proc`, they are reached through
 * its path, which keeps that guarantee only for the last component.
 */
export interface TreeDirectory {
  /** How to read its open entries. */
  readonly calls: DiskCalls;
  /** Unsorted. */
  entries(): Awaitable<Dirent[]>;
  /** The same, for names that need not be UTF-8. */
  entriesInBytes(): Awaitable<Dirent<Buffer>[]>;
  lstat(name: string): Awaitable<Stats>;
  readlink(name: string): Awaitable<Buffer>;
  /** Fails if it is a link. */
  openDirectory(name: string): Coroutine<never, TreeDirectory>;
  /** Opens it for reading. Fails if it is a link; never blocks on a fifo. */
  openFile(name: string): Awaitable<OpenedFile>;
  close(): void;
}

const { O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants;
const asDirectory = O_RDONLY | O_DIRECTORY | O_NOFOLLOW;
const asFile = O_RDONLY | O_NOFOLLOW | O_NONBLOCK;

/** Opens a directory that is not itself a link. */
export function* openTreeDirectory(path: string): Coroutine<never, TreeDirectory> {
  const calls = yield* awaited(diskCallsFor(path));
  const { file } = yield* awaited(calls.open(path, asDirectory));
  return treeDirectory(file, path, yield* pathExists(handleOf(file), calls), calls);
}

const handleOf = (file: number): string => `/proc/self/fd/${String(file)}`;

function treeDirectory(file: number, path: string, hasHandles: boolean, calls: DiskCalls): TreeDirectory {
  const base = hasHandles ? handleOf(file) : path;
  return {
    calls,
    entries: () => calls.readdir(base),
    entriesInBytes: () => calls.readdirBytes(base),
    lstat: (name) => calls.lstat(`${base}/${name}`),
    readlink: (name) => calls.readlink(`${base}/${name}`),
    *openDirectory(name) {
      const below = `${base}/${name}`;
      const opened = yield* awaited(calls.open(below, asDirectory));
      return treeDirectory(opened.file, below, hasHandles, calls);
    },
    openFile: (name) =>
      hasHandles ? calls.open(`${base}/${name}`, asFile) : openAsSeen(`${base}/${name}`, calls),
    close: () => {
      calls.close(file);
    },
  };
}

function* pathExists(path: string, calls: DiskCalls): Coroutine<never, boolean> {
  try {
    yield* awaited(calls.lstat(path));
    return true;
  } catch {
    return false;
  }
}

/** Verifies that the opened file is the one seen before, because a parent directory may have become a link. */
async function openAsSeen(path: string, calls: DiskCalls): Promise<OpenedFile> {
  const seen = await calls.lstat(path);
  const opened = await calls.open(path, asFile);
  if (opened.stats.ino === seen.ino && opened.stats.dev === seen.dev) return opened;
  calls.close(opened.file);
  throw changedDuringRead(path);
}
