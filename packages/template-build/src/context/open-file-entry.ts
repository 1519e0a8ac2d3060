import type { Stats } from "node:fs";
import type { FileEntry } from "./context-entries.js";
import type { DiskCalls, OpenedFile } from "./disk-calls.js";
import { isPromise, type Awaitable } from "./coroutine.js";
import { changedDuringRead, unreadable } from "./unreadable.js";

/** Opens a file of the context. Fails with `CHECKOUT_FAILED` or `STORAGE_UNUSABLE`. */
export function openFileEntry(entry: FileEntry): Awaitable<ContextFile> {
  const { path, name, parent } = entry;
  try {
    const opening = parent.openFile(name);
    return isPromise(opening) ? openedLater(entry, opening) : new ContextFile(path, opening, parent.calls);
  } catch (error) {
    throw unreadable(path, error);
  }
}

async function openedLater({ path, parent }: FileEntry, opening: Promise<OpenedFile>): Promise<ContextFile> {
  try {
    return new ContextFile(path, await opening, parent.calls);
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** Returns the permissions of a file in a context: 0644 or 0755. */
export function contextMode({ mode }: Stats): number {
  return (mode & 0o100) === 0 ? 0o644 : 0o755;
}

/** An open file of the context. */
export class ContextFile {
  /** Bytes. */
  readonly size: number;
  /** 0644 or 0755. */
  readonly mode: number;
  /** Changes whenever the file is written or replaced. */
  readonly stamp: string;
  #left: number;
  #isRead = false;

  constructor(
    private readonly path: string,
    private readonly opened: OpenedFile,
    private readonly calls: DiskCalls,
  ) {
    const { stats } = opened;
    if (!stats.isFile()) {
      this.close();
      throw changedDuringRead(path);
    }
    this.size = stats.size;
    this.mode = contextMode(stats);
    this.stamp = `${String(stats.ino)} ${String(stats.ctimeMs)}`;
    this.#left = stats.size;
  }

  /** Whether the whole file has been read and its end confirmed: then `size` bytes were read. */
  get isRead(): boolean {
    return this.#isRead;
  }

  /**
   * Reads at least one byte into `into`, from `at` on; returns the number of bytes. Fails with `CHECKOUT_FAILED` if
   * the file does not have exactly `size` bytes.
   */
  read(into: Buffer, at: number): Awaitable<number> {
    // Ask for one byte more than expected, to detect a file that has grown.
    const length = Math.min(into.length - at, this.#left + 1);
    try {
      const reading = this.calls.read(this.opened.file, into, at, length);
      return isPromise(reading) ? this.#later(reading, length) : this.#counted(reading, length);
    } catch (error) {
      throw unreadable(this.path, error);
    }
  }

  close(): void {
    this.calls.close(this.opened.file);
  }

  async #later(reading: Promise<number>, length: number): Promise<number> {
    try {
      return this.#counted(await reading, length);
    } catch (error) {
      throw unreadable(this.path, error);
    }
  }

  #counted(bytes: number, length: number): number {
    if (bytes > this.#left || (bytes === 0 && this.#left > 0)) throw changedDuringRead(this.path);
    this.#left -= bytes;
    this.#isRead = bytes < length && this.#left === 0;
    return bytes;
  }
}
