import { posix } from "node:path";
import type { BuildContext, ContextEntry } from "@molecule/core";
import { archiveFor } from "./archive-for.js";
import { contextEntries, type FileEntry } from "./context-entries.js";
import { contextIgnores } from "./context-ignores.js";
import { OpenPath } from "./open-path.js";
import { packContext, type PackContextRequest } from "./pack-context.js";
import { readSmallBytes } from "./read-small-file.js";
import { awaited, valuesOf, type Coroutine } from "./coroutine.js";
import { changedDuringRead, unreadable } from "./unreadable.js";

/** The template to build, and the callbacks of reading its context. */
export interface TemplateContextRequest extends Omit<PackContextRequest, "archive"> {
  /** Called when the whole context has been read, as files or as an archive. */
  readonly onRead?: () => void;
  /** Called with each error of a failed read. */
  readonly onFailure?: (error: unknown) => void;
}

/** The build context of a template. Fails like {@link packContext}. */
export interface TemplateContext extends BuildContext {
  /** Closes the directories that stay open between reads. */
  close(): void;
}

const chunkBytes = 128 * 1024;

/** Returns the build context of a template. A file is opened when its content is requested. */
export function templateContext(request: TemplateContextRequest): TemplateContext {
  const { tree, dockerfile, modifiedAt, signal, onAmount, onRead, onFailure } = request;
  let [bytesRead, unread, isListed, hasClosed] = [0, 0, false, false];
  const isClosed = (): boolean => hasClosed;
  // The open directories of the last read, for the next one. Empty during a read.
  const spare: OpenPath[] = [];
  const reportIfRead = (): void => {
    if (isListed && unread === 0) onRead?.();
  };

  function* entries(): Coroutine<ContextEntry> {
    [bytesRead, unread, isListed] = [0, 0, false];
    const { matcher } = yield* awaited(contextIgnores(request));
    for (const entry of contextEntries(tree, { matcher, always: [] })) {
      if (!("kind" in entry)) yield entry;
      else if (entry.kind === "file") {
        const file = yield* listedFile(entry);
        unread += 1;
        yield file;
      } else if (entry.kind === "link") yield { ...entry, mode: 0o777, size: 0 };
      else yield { ...entry, mode: 0o755, size: 0, target: "" };
    }
    isListed = true;
    reportIfRead();
  }

  function* open({ path, size, mode }: ContextEntry): Coroutine<Uint8Array> {
    if (isClosed()) throw new TypeError("this context is closed");
    const place = spare.pop() ?? new OpenPath(tree);
    try {
      const parent = yield* place.to(posix.dirname(path));
      const file = yield* awaited(parent.openFile(posix.basename(path), path));
      try {
        if (size !== file.size || mode !== file.mode) throw changedDuringRead(path);
        do {
          const room = Buffer.allocUnsafeSlow(Math.min(file.size + 1, chunkBytes));
          const bytes = yield* awaited(file.read(room, 0));
          onAmount?.((bytesRead += bytes));
          if (bytes > 0) yield room.subarray(0, bytes);
        } while (!file.isRead);
      } finally {
        file.close();
      }
    } finally {
      if (isClosed()) place.close();
      else spare.push(place);
    }
    unread -= 1;
    reportIfRead();
  }

  const reportFailure = (error: unknown): never => {
    onFailure?.(error);
    throw error;
  };
  async function* withFailureEvent<T>(steps: Coroutine<T>): AsyncGenerator<T> {
    try {
      for await (const value of valuesOf(steps)) {
        signal.throwIfAborted();
        yield value;
      }
    } catch (error) {
      reportFailure(error);
    }
  }

  return {
    dockerfile,
    modifiedAt,
    readDockerfile: async () =>
      (await readSmallBytes(tree, dockerfile).catch(reportFailure)) ?? Buffer.alloc(0),
    entries: () => withFailureEvent(entries()),
    open: (file) => withFailureEvent(open(file)),
    async archive(kind) {
      const plan = await archiveFor(kind, request).catch(reportFailure);
      const stream = packContext({ ...request, archive: plan });
      stream.once("end", () => onRead?.());
      stream.once("error", (error) => onFailure?.(error));
      return { stream, dockerfile: plan.dockerfile, excludes: plan.excludes };
    },
    close() {
      hasClosed = true;
      for (const place of spare.splice(0)) place.close();
    },
  };
}

/** Returns the entry without opening the file. It is opened, and compared, when its content is requested. */
function* listedFile({ path, name, parent }: FileEntry): Coroutine<never, ContextEntry> {
  try {
    const stats = yield* parent.stat(name);
    if (stats?.kind !== "file") throw changedDuringRead(path);
    const { mode, size, contentId } = stats;
    const known = contentId === undefined ? {} : { contentId };
    return { kind: "file", path, mode, size, target: "", ...known };
  } catch (error) {
    throw unreadable(path, error);
  }
}
