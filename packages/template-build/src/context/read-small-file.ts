import { posix } from "node:path";
import { awaited, resultOf, type Coroutine } from "./coroutine.js";
import type { FileTree } from "./file-tree.js";
import { OpenPath } from "./open-path.js";
import { templateInvalid } from "./template-invalid.js";
import { unreadable } from "./unreadable.js";

const maxBytes = 1024 * 1024;

/** Like {@link readSmallBytes}, but returns text. */
export async function readSmallFile(tree: FileTree, path: string): Promise<string | undefined> {
  return (await readSmallBytes(tree, path))?.toString("utf8");
}

/**
 * Returns the content of a file of a template; undefined if `path` (relative, with slashes) does not exist. Follows no
 * links. Throws `TEMPLATE_INVALID` if it is not a regular file or is longer than 1 MiB.
 */
export async function readSmallBytes(tree: FileTree, path: string): Promise<Buffer | undefined> {
  const place = new OpenPath(tree);
  try {
    return await resultOf(readAt(place, path));
  } catch (error) {
    throw unreadable(path, error);
  } finally {
    place.close();
  }
}

function* readAt(place: OpenPath, path: string): Coroutine<never, Buffer | undefined> {
  const directory = yield* place.to(posix.dirname(path));
  const name = posix.basename(path);
  const stats = yield* directory.stat(name);
  if (stats === undefined) return undefined;
  if (stats.kind !== "file") {
    throw templateInvalid(
      `${JSON.stringify(path)} of the template is not a regular file`,
      `Make ${path} a regular file.`,
    );
  }
  const file = yield* awaited(directory.openFile(name, path));
  try {
    if (file.size > maxBytes) throw tooLong(path);
    // A file that has grown does not fit either.
    const buffer = Buffer.alloc(file.size + 1);
    let length = 0;
    do length += yield* awaited(file.read(buffer, length));
    while (!file.isRead);
    return buffer.subarray(0, length);
  } finally {
    file.close();
  }
}

function tooLong(path: string): Error {
  return templateInvalid(
    `${JSON.stringify(path)} of the template is longer than ${String(maxBytes)} bytes`,
    `Shorten ${path}.`,
  );
}
