import { createHash } from "node:crypto";
import { constants, open, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Records } from "@molecule/core";
import { ownUserId } from "../run/this-process.js";
import { replaceFile } from "./replace-file.js";

/**
 * Records in a directory, one file for each key.
 * @param made creates the directory and returns its path
 * @param guarded converts the errors of operations on a path
 */
export function directoryRecords(
  directory: string,
  made: () => Promise<string>,
  guarded: <T>(path: string, work: () => Promise<T>) => Promise<T>,
): Records {
  return {
    read: (key) => readRecord(join(directory, fileName(key))),
    async all() {
      const names = (await readdir(directory).catch(() => [])).filter((name) => name.endsWith(".json"));
      const values = await Promise.all(names.map((name) => readRecord(join(directory, name))));
      return values.filter((value) => value !== undefined);
    },
    async write(key, value) {
      const file = join(await made(), fileName(key));
      await guarded(file, () => replaceFile(file, JSON.stringify(value)));
    },
    async remove(key) {
      const file = join(directory, fileName(key));
      await guarded(file, () => rm(file, { force: true }));
    },
  };
}

/** Any text is a key. */
function fileName(key: string): string {
  return `${createHash("sha256").update(key).digest("hex").slice(0, 32)}.json`;
}

/** Ignores a file that another user could have written, because a record can say that an image is trusted. */
async function readRecord(path: string): Promise<unknown> {
  try {
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const { uid, mode } = await file.stat();
      const isOwn = uid === (ownUserId() ?? uid) && (mode & othersWrite) === 0;
      return isOwn ? (JSON.parse(await file.readFile("utf8")) as unknown) : undefined;
    } finally {
      await file.close();
    }
  } catch {
    return undefined;
  }
}

const othersWrite = 0o022;
