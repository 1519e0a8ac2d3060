import { join, posix } from "node:path";
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
    const parent = await openTreeDirectory(join(directory, posix.dirname(path)));
    try {
      return await readFrom(parent, path);
    } finally {
      await parent.close();
    }
  } catch (error) {
    throw unreadable(path, error);
  }
}

async function readFrom(directory: TreeDirectory, path: string): Promise<string | undefined> {
  const name = posix.basename(path);
  const seen = await directory.lstat(name).catch((error: unknown) => {
    if (isAbsent(error)) return undefined;
    throw error;
  });
  if (seen === undefined) return undefined;
  if (!seen.isFile()) {
    throw templateInvalid(
      `${JSON.stringify(path)} of the template is not a regular file`,
      `Make ${path} a regular file.`,
    );
  }
  const file = await directory.openFile(name);
  try {
    const buffer = Buffer.alloc(maxBytes + 1);
    let length = 0;
    for (let read = -1; read !== 0 && length < buffer.length; length += read) {
      read = (await file.read(buffer, length, buffer.length - length)).bytesRead;
    }
    if (length <= maxBytes) return buffer.toString("utf8", 0, length);
  } finally {
    await file.close();
  }
  throw templateInvalid(
    `${JSON.stringify(path)} of the template is longer than ${String(maxBytes)} bytes`,
    `Shorten ${path}.`,
  );
}
