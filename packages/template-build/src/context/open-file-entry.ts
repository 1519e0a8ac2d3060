import type { Stats } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import type { ContextEntry } from "./context-entries.js";
import { changedMeanwhile, unreadable } from "./unreadable.js";

/** A file of the context, open. */
export interface OpenedFile {
  readonly size: number;
  /** 0644 or 0755. */
  readonly mode: number;
  /** Exactly `size` bytes. Fails with `CHECKOUT_FAILED` when the file has more or fewer. */
  chunks(): AsyncGenerator<Buffer>;
  close(): Promise<void>;
}

type FileEntry = ContextEntry & { kind: "file" };

const chunkBytes = 64 * 1024;

/** Opens the very file that was seen. Rejects with `CHECKOUT_FAILED` or `STORAGE_UNUSABLE`. */
export async function openFileEntry(entry: FileEntry): Promise<OpenedFile> {
  const { path, seen, name, parent } = entry;
  let file: FileHandle | undefined;
  try {
    const small = seen.size <= chunkBytes ? parent.readAtOnce(name, chunkBytes) : undefined;
    if (small?.content !== undefined) {
      const { stats, content } = small;
      const close = () => Promise.resolve();
      return { ...factsOf(entry, stats), chunks: () => wholeContent(content, stats.size, path), close };
    }
    file = await parent.openFile(name);
    const handle = file;
    const facts = factsOf(entry, await handle.stat());
    return {
      ...facts,
      chunks: () => contentBytes(handle, facts.size, path),
      close: () => handle.close(),
    };
  } catch (error) {
    await file?.close();
    throw unreadable(path, error);
  }
}

function factsOf({ path, seen }: FileEntry, opened: Stats): Pick<OpenedFile, "size" | "mode"> {
  if (!opened.isFile() || opened.ino !== seen.ino || opened.dev !== seen.dev) throw changedMeanwhile(path);
  return { size: opened.size, mode: (opened.mode & 0o100) === 0 ? 0o644 : 0o755 };
}

async function* wholeContent(content: Buffer, size: number, path: string): AsyncGenerator<Buffer> {
  if (content.length !== size) throw changedMeanwhile(path);
  yield content;
}

async function* contentBytes(file: FileHandle, size: number, path: string): AsyncGenerator<Buffer> {
  const read = async (bytes: number): Promise<Buffer> => {
    const chunk = Buffer.allocUnsafe(bytes);
    try {
      return chunk.subarray(0, (await file.read(chunk, 0, bytes)).bytesRead);
    } catch (error) {
      throw unreadable(path, error);
    }
  };
  for (let left = size; left > 0;) {
    const chunk = await read(Math.min(chunkBytes, left));
    if (chunk.length === 0) throw changedMeanwhile(path);
    left -= chunk.length;
    yield chunk;
  }
  if ((await read(1)).length > 0) throw changedMeanwhile(path);
}
