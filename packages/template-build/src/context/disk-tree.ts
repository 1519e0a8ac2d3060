import { constants, type Stats } from "node:fs";
import { diskCallsFor } from "./disk-calls-for.js";
import type { DiskCalls, OpenedFile } from "./disk-calls.js";
import { DiskFile, fileMode } from "./disk-file.js";
import { awaited, isPromise, type Awaitable, type Coroutine } from "./coroutine.js";
import type { EntryStats, FileTree, TreeDirectory, TreeFile } from "./file-tree.js";
import { kindOf, sortedEntries } from "./sorted-entries.js";
import { changedDuringRead, isAbsent, unreadable } from "./unreadable.js";

const { O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants;
const asDirectory = O_RDONLY | O_DIRECTORY | O_NOFOLLOW;
const asFile = O_RDONLY | O_NOFOLLOW | O_NONBLOCK;

/** Returns the tree below a directory that is not itself a link. */
export function diskTree(path: string): FileTree {
  return {
    *root() {
      try {
        const calls = yield* awaited(diskCallsFor(path));
        const { file } = yield* awaited(calls.open(path, asDirectory));
        return new DiskDirectory(calls, file, (yield* pathExists(handleOf(file), calls)) ? undefined : path);
      } catch (error) {
        throw unreadable(path, error);
      }
    },
  };
}

/**
 * An open directory. Its entries are reached through the open directory itself, so that nothing outside is
 * read if a directory is replaced by a link at the same time. On systems without `/proc`, they are reached through
 * its path, which keeps that guarantee only for the last component.
 */
class DiskDirectory implements TreeDirectory {
  readonly #base: string;

  constructor(
    private readonly calls: DiskCalls,
    private readonly file: number,
    /** Undefined if the system has `/proc`. */
    private readonly path: string | undefined,
  ) {
    this.#base = path ?? handleOf(file);
  }

  entries(where: string): ReturnType<TreeDirectory["entries"]> {
    return sortedEntries(this.#base, this.calls, where);
  }

  *stat(name: string): Coroutine<never, EntryStats | undefined> {
    try {
      return statsOf(yield* awaited(this.calls.lstat(`${this.#base}/${name}`)));
    } catch (error) {
      if (isAbsent(error)) return undefined;
      throw error;
    }
  }

  readlink(name: string): Awaitable<Buffer> {
    return this.calls.readlink(`${this.#base}/${name}`);
  }

  *openDirectory(name: string): Coroutine<never, TreeDirectory> {
    const below = `${this.#base}/${name}`;
    const opened = yield* awaited(this.calls.open(below, asDirectory));
    return new DiskDirectory(this.calls, opened.file, this.path === undefined ? undefined : below);
  }

  openFile(name: string, path: string): Awaitable<TreeFile> {
    const { calls } = this;
    const place = `${this.#base}/${name}`;
    try {
      const opening = this.path === undefined ? calls.open(place, asFile) : openAsSeen(place, calls);
      return isPromise(opening) ? openedLater(path, opening, calls) : new DiskFile(path, opening, calls);
    } catch (error) {
      throw unreadable(path, error);
    }
  }

  close(): void {
    this.calls.close(this.file);
  }
}

const handleOf = (file: number): string => `/proc/self/fd/${String(file)}`;

function statsOf(stats: Stats): EntryStats {
  return { kind: kindOf(stats), size: stats.size, mode: fileMode(stats) };
}

async function openedLater(path: string, opening: Promise<OpenedFile>, calls: DiskCalls): Promise<TreeFile> {
  try {
    return new DiskFile(path, await opening, calls);
  } catch (error) {
    throw unreadable(path, error);
  }
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
