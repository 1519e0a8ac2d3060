import type { Stats } from "node:fs";
import { join, posix } from "node:path";
import { resultOf } from "./steps.js";
import { templateInvalid } from "./template-invalid.js";
import { openTreeDirectory, type TreeDirectory } from "./tree-directory.js";
import { isAbsent, unreadable } from "./unreadable.js";

const maxBytes = 1024 * 1024;

/**
 * The text of a file of a checkout, undefined when there is nothing at `path` (relative, with slashes). One that is
 * no regular file or is longer than 1 MiB is `TEMPLATE_INVALID`.
 */
export async function readSmallFile(directory: string, path: string): Promise<string | undefined> {
  try {
    const parent = await resultOf(openTreeDirectory(join(directory, posix.dirname(path))));
    try {
      return await readFrom(parent, path);
    } finally {
      parent.close();
    }
  } catch (error) {
    throw unreadable(path, error);
  }
}

async function readFrom(directory: TreeDirectory, path: string): Promise<string | undefined> {
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
    if (length <= maxBytes) return buffer.toString("utf8", 0, length);
  } finally {
    directory.calls.close(file);
  }
  throw templateInvalid(
    `${JSON.stringify(path)} of the template is longer than ${String(maxBytes)} bytes`,
    `Shorten ${path}.`,
  );
}
