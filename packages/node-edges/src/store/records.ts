import { createHash } from "node:crypto";
import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Records } from "@molecule/core";
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

async function readRecord(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, "utf8")) as unknown;
  } catch {
    return undefined;
  }
}
