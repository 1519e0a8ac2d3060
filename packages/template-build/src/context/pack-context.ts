import type { FileHandle } from "node:fs/promises";
import { Readable } from "node:stream";
import { contextEntries, type ContextEntry } from "./context-entries.js";
import { contextSelection } from "./context-selection.js";
import { tarEnd, tarHeader, tarPadding } from "./tar-header.js";
import { changedMeanwhile, unreadable } from "./unreadable.js";

export interface PackContextRequest {
  /** The checkout. */
  readonly directory: string;
  /** As `locateDockerfile` answers it. */
  readonly dockerfile: string;
  /** The time of every entry; the commit's, so that the same commit gives the same bytes. */
  readonly modifiedAt: Date;
  /** Called with the bytes given out so far. */
  readonly onAmount?: (bytes: number) => void;
  readonly signal: AbortSignal;
}

/**
 * The build context as a tar stream: what `.dockerignore` leaves, in the order of the names, owned by root, with
 * links as links and modes 0644 or 0755. Read from the disk only as fast as it is taken. Fails with
 * `TEMPLATE_INVALID`, `CHECKOUT_FAILED` (the checkout changed meanwhile) or `STORAGE_UNUSABLE`, and with the
 * signal's reason when that aborts.
 */
export function packContext(request: PackContextRequest): Readable {
  const { signal } = request;
  const stream = Readable.from(counted(tarBytes(request), request.onAmount), { objectMode: false });
  const stop = (): void => {
    stream.destroy(signal.reason as Error);
  };
  signal.addEventListener("abort", stop, { once: true });
  stream.once("close", () => {
    signal.removeEventListener("abort", stop);
  });
  if (signal.aborted) stop();
  return stream;
}

async function* counted(
  chunks: AsyncIterable<Buffer>,
  onAmount: PackContextRequest["onAmount"],
): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const chunk of chunks) {
    if (chunk.length === 0) continue;
    bytes += chunk.length;
    onAmount?.(bytes);
    yield chunk;
  }
}

async function* tarBytes({ directory, dockerfile, modifiedAt }: PackContextRequest): AsyncGenerator<Buffer> {
  for await (const entry of contextEntries(directory, await contextSelection(directory, dockerfile))) {
    if (entry.kind === "file") yield* fileBytes(entry, modifiedAt);
    else if (entry.kind === "link") {
      yield tarHeader({
        type: "link",
        name: entry.path,
        mode: 0o777,
        size: 0,
        modifiedAt,
        target: entry.target,
      });
    } else {
      yield tarHeader({
        type: "directory",
        name: `${entry.path}/`,
        mode: 0o755,
        size: 0,
        modifiedAt,
        target: "",
      });
    }
  }
  yield tarEnd;
}

async function* fileBytes(entry: ContextEntry & { kind: "file" }, modifiedAt: Date): AsyncGenerator<Buffer> {
  const { path, seen } = entry;
  let file: FileHandle | undefined;
  try {
    file = await entry.parent.openFile(entry.name);
    const opened = await file.stat();
    if (!opened.isFile() || opened.ino !== seen.ino || opened.dev !== seen.dev) throw changedMeanwhile(path);
    const { size } = opened;
    const mode = (opened.mode & 0o100) === 0 ? 0o644 : 0o755;
    yield tarHeader({ type: "file", name: path, mode, size, modifiedAt, target: "" });
    yield* contentBytes(file, size, path);
    yield tarPadding(size);
  } catch (error) {
    throw unreadable(path, error);
  } finally {
    await file?.close();
  }
}

const chunkBytes = 64 * 1024;

/** Exactly `size` bytes, which the header has promised. */
async function* contentBytes(file: FileHandle, size: number, path: string): AsyncGenerator<Buffer> {
  for (let left = size; left > 0;) {
    const chunk = Buffer.allocUnsafe(Math.min(chunkBytes, left));
    const { bytesRead } = await file.read(chunk, 0, chunk.length);
    if (bytesRead === 0) throw changedMeanwhile(path);
    left -= bytesRead;
    yield chunk.subarray(0, bytesRead);
  }
  if ((await file.read(Buffer.alloc(1), 0, 1)).bytesRead > 0) throw changedMeanwhile(path);
}
