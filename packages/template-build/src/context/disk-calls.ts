import {
  close,
  closeSync,
  fstat,
  fstatSync,
  lstat,
  lstatSync,
  open,
  openSync,
  read,
  readdir,
  readdirSync,
  readlink,
  readlinkSync,
  readSync,
  type Dirent,
  type Stats,
} from "node:fs";
import { promisify } from "node:util";
import type { Awaitable } from "./coroutine.js";

/** An open file or directory. The caller that opens it closes it. */
export interface OpenedFile {
  readonly file: number;
  readonly stats: Stats;
}

/** The system calls that read a tree. */
export interface DiskCalls {
  open(path: string, flags: number): Awaitable<OpenedFile>;
  lstat(path: string): Awaitable<Stats>;
  /** Reads from the end of the last read; returns the number of bytes. */
  read(file: number, into: Uint8Array, at: number, length: number): Awaitable<number>;
  readdir(path: string): Awaitable<Dirent[]>;
  /** The same, for names that need not be UTF-8. */
  readdirBytes(path: string | Buffer): Awaitable<Dirent<Buffer>[]>;
  readlink(path: string): Awaitable<Buffer>;
  /** Does not wait: closing something that was only read loses nothing. */
  close(file: number): void;
}

const promised = {
  open: promisify(open),
  fstat: promisify<number, Stats>(fstat),
  lstat: promisify<string, Stats>(lstat),
  read: promisify(read),
  readdir: promisify(readdir),
  readlink: promisify(readlink),
};

/** Uses another thread: the round trip takes longer than most calls, but the process never waits for a disk. */
export const asyncCalls: DiskCalls = {
  async open(path, flags) {
    const file = await promised.open(path, flags);
    try {
      return { file, stats: await promised.fstat(file) };
    } catch (error) {
      asyncCalls.close(file);
      throw error;
    }
  },
  lstat: promised.lstat,
  read: async (file, into, at, length) => (await promised.read(file, into, at, length, null)).bytesRead,
  readdir: (path) => promised.readdir(path, { withFileTypes: true }),
  readdirBytes: (path) => promised.readdir(path, { encoding: "buffer", withFileTypes: true }),
  readlink: (path) => promised.readlink(path, { encoding: "buffer" }),
  close(file) {
    close(file, () => undefined);
  },
};

/** The longest synchronous read; a disk may take long for more. */
const maxSyncBytes = 64 * 1024;

/** Synchronous, except for long reads. */
export const syncCalls: DiskCalls = {
  open(path, flags) {
    const file = openSync(path, flags);
    try {
      return { file, stats: fstatSync(file) };
    } catch (error) {
      closeSync(file);
      throw error;
    }
  },
  lstat: (path) => lstatSync(path),
  read: (file, into, at, length) =>
    length > maxSyncBytes ? asyncCalls.read(file, into, at, length) : readSync(file, into, at, length, null),
  readdir: (path) => readdirSync(path, { withFileTypes: true }),
  readdirBytes: (path) => readdirSync(path, { encoding: "buffer", withFileTypes: true }),
  readlink: (path) => readlinkSync(path, { encoding: "buffer" }),
  close: closeSync,
};
