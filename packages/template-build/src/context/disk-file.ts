import type { Stats } from "node:fs";
import type { DiskCalls, OpenedFile } from "./disk-calls.js";
import { isPromise, type Awaitable } from "./coroutine.js";
import type { TreeFile } from "./file-tree.js";
import { changedDuringRead, unreadable } from "./unreadable.js";

/** Returns the permissions of a file in a context: 0644 or 0755. */
export function fileMode({ mode }: Stats): number {
  return (mode & 0o100) === 0 ? 0o644 : 0o755;
}

/** An open file of a directory. */
export class DiskFile implements TreeFile {
  readonly size: number;
  readonly mode: number;
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
    this.mode = fileMode(stats);
    this.stamp = `${String(stats.ino)} ${String(stats.ctimeMs)}`;
    this.#left = stats.size;
  }

  get isRead(): boolean {
    return this.#isRead;
  }

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
