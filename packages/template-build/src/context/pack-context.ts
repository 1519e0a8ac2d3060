import { Readable } from "node:stream";
import { contextEntries, type ContextEntry } from "./context-entries.js";
import { contextSelection } from "./context-selection.js";
import { openFileEntry } from "./open-file-entry.js";
import { tarEnd, tarHeader, tarPadding } from "./tar-header.js";

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

/** What is sent at once, unless a single file is more. */
const chunkBytes = 64 * 1024;

async function* counted(
  chunks: AsyncIterable<Buffer>,
  onAmount: PackContextRequest["onAmount"],
): AsyncGenerator<Buffer> {
  let bytes = 0;
  let waiting: Buffer[] = [];
  let waitingBytes = 0;
  // Small files together: each chunk on its own would be a call to the system, and a turn of the loop.
  const together = (): Buffer => {
    const [only, ...others] = waiting;
    const chunk = only !== undefined && others.length === 0 ? only : Buffer.concat(waiting);
    waiting = [];
    waitingBytes = 0;
    bytes += chunk.length;
    onAmount?.(bytes);
    return chunk;
  };
  for await (const chunk of chunks) {
    if (waitingBytes > 0 && waitingBytes + chunk.length > chunkBytes) yield together();
    waiting.push(chunk);
    waitingBytes += chunk.length;
  }
  if (waitingBytes > 0) yield together();
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
  const file = await openFileEntry(entry);
  try {
    const { size, mode } = file;
    yield tarHeader({ type: "file", name: entry.path, mode, size, modifiedAt, target: "" });
    yield* file.chunks();
    yield tarPadding(size);
  } finally {
    await file.close();
  }
}
