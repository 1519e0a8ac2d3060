import { Readable } from "node:stream";
import { ChunkFiller } from "./chunk-filler.js";
import type { ArchivePlan } from "./archive-plan.js";
import { contextEntries, type ContextEntry, type FileEntry } from "./context-entries.js";
import { contextIgnores, type ContextSubject } from "./context-ignores.js";
import { openFileEntry } from "./open-file-entry.js";
import { answered, isPromise, valuesOf, type Steps } from "./steps.js";
import { tarEnd, tarHeader } from "./tar-header.js";

export interface PackContextRequest extends ContextSubject {
  /** The engine to pack for. Default: the context alone. */
  readonly archive?: ArchivePlan | undefined;
  /** The time of every entry: the commit's, so that the same commit gives the same bytes. */
  readonly modifiedAt: Date;
  /** Called with the number of bytes emitted so far. */
  readonly onAmount?: (bytes: number) => void;
  readonly signal: AbortSignal;
}

/**
 * The build context as a tar stream: what the ignore file leaves, in the order of the names, owned by root, with
 * links as links and modes 0644 or 0755, and then what the plan of the archive adds. Read from the disk only as fast as it is taken. Fails with
 * `TEMPLATE_INVALID`, `CHECKOUT_FAILED` (the checkout changed while it was read) or `STORAGE_UNUSABLE`, and with the
 * signal's reason when that aborts.
 */
export function packContext(request: PackContextRequest): Readable {
  const { signal } = request;
  const stream = Readable.from(valuesOf(tarChunks(request)), { objectMode: false });
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

function* tarChunks(request: PackContextRequest): Steps<Buffer> {
  const { directory, archive, modifiedAt, onAmount, signal } = request;
  if (archive?.refusal !== undefined) throw archive.refusal;
  const chunks = new ChunkFiller();
  let given = 0;
  const counted = (chunk: Buffer): Buffer => {
    given += chunk.length;
    onAmount?.(given);
    return chunk;
  };
  const { matcher } = yield* answered(contextIgnores(request));
  for (const entry of contextEntries(directory, { matcher, always: [] })) {
    if (isPromise(entry)) {
      yield entry;
      signal.throwIfAborted();
      continue;
    }
    archive?.check?.(entry);
    if (entry.kind === "file") {
      const opening = openFileEntry(entry);
      const file = isPromise(opening) ? yield* answered(opening) : opening;
      try {
        const { size, mode } = file;
        chunks.add(tarHeader({ type: "file", name: entry.path, mode, size, modifiedAt, target: "" }));
        do {
          const reading = file.read(chunks.chunk, chunks.at);
          chunks.filled(isPromise(reading) ? yield* answered(reading) : reading);
          for (const chunk of chunks.takeFull()) yield counted(chunk);
        } while (!file.isRead);
        chunks.fillBlock();
      } finally {
        file.close();
      }
    } else {
      chunks.add(headerOf(entry, modifiedAt));
    }
    for (const chunk of chunks.takeFull()) yield counted(chunk);
  }
  for (const { path, content } of archive?.added ?? []) {
    const size = content.length;
    chunks.add(tarHeader({ type: "file", name: path, mode: 0o644, size, modifiedAt, target: "" }));
    chunks.add(content);
    chunks.fillBlock();
  }
  chunks.add(tarEnd);
  for (const chunk of chunks.takeFull()) yield counted(chunk);
  const rest = chunks.rest();
  if (rest.length > 0) yield counted(rest);
}

function headerOf(entry: Exclude<ContextEntry, FileEntry>, modifiedAt: Date): Buffer {
  return entry.kind === "link"
    ? tarHeader({ type: "link", name: entry.path, mode: 0o777, size: 0, modifiedAt, target: entry.target })
    : tarHeader({ type: "directory", name: `${entry.path}/`, mode: 0o755, size: 0, modifiedAt, target: "" });
}
