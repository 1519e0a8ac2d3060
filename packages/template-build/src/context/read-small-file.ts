import type { Stats } from "node:fs";
import { posix } from "node:path";
import { OpenPath } from "./open-path.js";
import { resultOf } from "./coroutine.js";
import { templateInvalid } from "./template-invalid.js";
import type { TreeDirectory } from "./tree-directory.js";
import { isAbsent, unreadable } from "./unreadable.js";

const maxBytes = 1024 * 1024;

/** Like {@link readSmallBytes}, but returns text. */
export async function readSmallFile(directory: string, path: string): Promise<string | undefined> {
  return (await readSmallBytes(directory, path))?.toString("utf8");
}

/**
 * Returns the content of a file of a checkout; undefined if `path` (relative, with slashes) does not exist. Follows no
 * links. Throws `TEMPLATE_INVALID` if it is not a regular file or is longer than 1 MiB.
 */
export async function readSmallBytes(directory: string, path: string): Promise<Buffer | undefined> {
  const place = new OpenPath(directory);
  try {
    return await readFrom(await resultOf(place.to(posix.dirname(path))), path);
  } catch (error) {
    throw unreadable(path, error);
  } finally {
    place.close();
  }
}

async function readFrom(directory: TreeDirectory, path: string): Promise<Buffer | undefined> {
  const name = posix.basename(path);
  let seen: Stats;
  try {
    seen = await directory.lstat(name);
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
  if (!seen.isFile()) {
    throw templateInvalid(
      `${JSON.stringify(path)} of the template is not a regular file`,
      `Make ${path} a regular file.`,
    );
  }
  const { file } = await directory.openFile(name);
  try {
    const buffer = Buffer.alloc(maxBytes + 1);
    let length = 0;
    for (let read = -1; read !== 0 && length < buffer.length; length += read) {
      read = await directory.calls.read(file, buffer, length, buffer.length - length);
    }
    if (length <= maxBytes) return buffer.subarray(0, length);
  } finally {
    directory.calls.close(file);
  }
  throw templateInvalid(
    `${JSON.stringify(path)} of the template is longer than ${String(maxBytes)} bytes`,
    `Shorten ${path}.`,
  );
}
