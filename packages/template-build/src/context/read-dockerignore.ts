import { join, posix } from "node:path";
import { templateInvalid } from "./template-invalid.js";
import { openTreeDirectory, type TreeDirectory } from "./tree-directory.js";
import { isAbsent, unreadable } from "./unreadable.js";

/** An ignore file of a template. */
export interface Dockerignore {
  /** Its path in the template, with slashes. */
  readonly path: string;
  readonly text: string;
}

const maxBytes = 1024 * 1024;

/**
 * The ignore file that goes with a Dockerfile: `<Dockerfile>.dockerignore` beside it, else `.dockerignore` at the
 * root; undefined when there is neither. One that is no regular file or is longer than 1 MiB is `TEMPLATE_INVALID`.
 */
export async function readDockerignore(
  directory: string,
  dockerfile: string,
): Promise<Dockerignore | undefined> {
  for (const path of [`${dockerfile}.dockerignore`, ".dockerignore"]) {
    const text = await readSmallFile(join(directory, posix.dirname(path)), path).catch((error: unknown) => {
      throw unreadable(path, error);
    });
    if (text !== undefined) return { path, text };
  }
  return undefined;
}

async function readSmallFile(parent: string, path: string): Promise<string | undefined> {
  const directory = await openTreeDirectory(parent);
  try {
    return await readFrom(directory, path);
  } finally {
    await directory.close();
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
    `Shorten ${path}: one pattern can stand for many files.`,
  );
}
