import { closeSync, constants, fstatSync, lstatSync, openSync, readSync, type Stats } from "node:fs";
import { lstat, open, readdir, readlink, type FileHandle } from "node:fs/promises";
import { join } from "node:path";

/**
 * A directory held open. What is in it is reached through the open directory itself, so that nothing outside is
 * read when somebody puts a link in the place of a directory meanwhile. Where the system has no `/proc`, through
 * its path, which keeps that promise only for the last component.
 */
export interface TreeDirectory {
  /** In no order. Bytes: a name need not be UTF-8. */
  names(): Promise<Buffer[]>;
  lstat(name: string): Promise<Stats>;
  readlink(name: string): Promise<Buffer>;
  /** Rejects when it is a link. */
  openDirectory(name: string): Promise<TreeDirectory>;
  /** For reading. Rejects when it is a link; never waits for the other end of a fifo. */
  openFile(name: string): Promise<FileHandle>;
  /**
   * Reads a file at once, opened as by `openFile`; without its content when it is no regular file or has more than
   * `maxBytes`. Waits for the disk: for what a call to the system answers sooner than another thread would.
   */
  readAtOnce(name: string, maxBytes: number): { readonly stats: Stats; readonly content?: Buffer };
  close(): Promise<void>;
}

const { O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants;

/** Opens a directory that is no link itself. */
export async function openTreeDirectory(path: string): Promise<TreeDirectory> {
  const handle = await open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  try {
    const base = await throughHandle(handle, path);
    return {
      names: () => readdir(base, { encoding: "buffer" }),
      // Not by another thread: the way there takes longer than the answer, ten thousand times for ten thousand files.
      lstat: async (name) => lstatSync(join(base, name)),
      readlink: (name) => readlink(join(base, name), { encoding: "buffer" }),
      openDirectory: (name) => openTreeDirectory(join(base, name)),
      openFile: (name) => open(join(base, name), O_RDONLY | O_NOFOLLOW | O_NONBLOCK),
      readAtOnce: (name, maxBytes) => readNow(join(base, name), maxBytes),
      close: () => handle.close(),
    };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function throughHandle(handle: FileHandle, path: string): Promise<string> {
  const link = `/proc/self/fd/${String(handle.fd)}`;
  const isThere = await lstat(link).then(
    () => true,
    () => false,
  );
  return isThere ? link : path;
}

function readNow(path: string, maxBytes: number): { readonly stats: Stats; readonly content?: Buffer } {
  const file = openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    const stats = fstatSync(file);
    if (!stats.isFile() || stats.size > maxBytes) return { stats };
    // One more than there should be: a file that has grown shows.
    const content = Buffer.allocUnsafe(stats.size + 1);
    let bytes = 0;
    for (let read = -1; read !== 0 && bytes < content.length; bytes += read) {
      read = readSync(file, content, bytes, content.length - bytes, null);
    }
    return { stats, content: content.subarray(0, bytes) };
  } finally {
    closeSync(file);
  }
}
