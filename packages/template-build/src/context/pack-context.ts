import { Readable } from "node:stream";
import { tarEnd, tarHeader } from "@molecule/node-edges";
import { ChunkFiller } from "./chunk-filler.js";
import type { ArchivePlan } from "./archive-plan.js";
import { contextEntries, type ContextEntry, type FileEntry } from "./context-entries.js";
import { contextIgnores, type ContextSubject } from "./context-ignores.js";
import { awaited, isPromise, valuesOf, type Coroutine } from "./coroutine.js";

export interface PackContextRequest extends ContextSubject {
  /** How to pack for an engine. Default: only the context. */
  readonly archive?: ArchivePlan | undefined;
  /** The time of every entry: the commit's, so that the same commit yields the same bytes. */
  readonly modifiedAt: Date;
  /** Called with the number of bytes emitted so far. */
  readonly onAmount?: (bytes: number) => void;
  readonly signal: AbortSignal;
}

/**
 * Returns the build context as a tar stream: the files that are not ignored, sorted by name, owned by root, with links as
 * links and modes 0644 or 0755; then the files that the archive plan adds. The disk is read only as fast as the stream is.
 * Fails with `TEMPLATE_INVALID`, `CHECKOUT_FAILED` (the checkout changed while it was read) or `STORAGE_UNUSABLE`, and with
 * the signal's reason.
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

function* tarChunks(request: PackContextRequest): Coroutine<Buffer> {
  const { tree, archive, modifiedAt, onAmount, signal } = request;
  const chunks = new ChunkFiller();
  let emitted = 0;
  const count = (chunk: Buffer): Buffer => {
    emitted += chunk.length;
    onAmount?.(emitted);
    return chunk;
  };
  const { matcher } = yield* awaited(contextIgnores(request));
  for (const entry of contextEntries(tree, { matcher, always: [] })) {
    if (isPromise(entry)) {
      yield entry;
      signal.throwIfAborted();
      continue;
    }
    archive?.check?.(entry);
    if (entry.kind === "file") {
      const opening = entry.parent.openFile(entry.name, entry.path);
      const file = isPromise(opening) ? yield* awaited(opening) : opening;
      try {
        const { size, mode } = file;
        chunks.add(tarHeader({ type: "file", name: entry.path, mode, size, modifiedAt, target: "" }));
        do {
          const reading = file.read(chunks.chunk, chunks.at);
          chunks.filled(isPromise(reading) ? yield* awaited(reading) : reading);
          for (const chunk of chunks.takeFull()) yield count(chunk);
        } while (!file.isRead);
        chunks.fillBlock();
      } finally {
        file.close();
      }
    } else {
      chunks.add(headerOf(entry, modifiedAt));
    }
    for (const chunk of chunks.takeFull()) yield count(chunk);
  }
  for (const { path, content } of archive?.added ?? []) {
    const size = content.length;
    chunks.add(tarHeader({ type: "file", name: path, mode: 0o644, size, modifiedAt, target: "" }));
    chunks.add(content);
    chunks.fillBlock();
  }
  chunks.add(tarEnd);
  for (const chunk of chunks.takeFull()) yield count(chunk);
  const rest = chunks.rest();
  if (rest.length > 0) yield count(rest);
}

function headerOf(entry: Exclude<ContextEntry, FileEntry>, modifiedAt: Date): Buffer {
  return entry.kind === "link"
    ? tarHeader({ type: "link", name: entry.path, mode: 0o777, size: 0, modifiedAt, target: entry.target })
    : tarHeader({ type: "directory", name: `${entry.path}/`, mode: 0o755, size: 0, modifiedAt, target: "" });
}
