import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { storageUnusable, systemCode, type Records, type Store } from "@molecule/core";

/**
 * Returns a store for tests of sources. It keeps files as the host's store does, but trusts the directory: it checks
 * neither links nor owners, and removes nothing that another process left.
 * @param directory an absolute path, which need not exist yet
 */
export function createTestStore(directory: string): Store {
  const working = new Map<string, string>();
  const made = async (path: string): Promise<string> => {
    await guarded(path, () => mkdir(path, { recursive: true, mode: 0o700 }));
    return path;
  };
  return {
    records: (name) => recordsIn(join(directory, name), made),
    privateDirectory: (name) => made(join(directory, name)),
    async workDirectory(name) {
      const place = join(directory, name);
      const parent = await made(dirname(place));
      const path = await guarded(parent, () => mkdtemp(join(parent, ".partial-")));
      working.set(path, basename(place));
      return {
        path,
        place,
        directory: (inner) => made(join(path, inner)),
        write: async (inner, text) => {
          const file = join(path, inner);
          await guarded(file, () => writeFile(file, text, { mode: 0o600, flag: "wx" }));
          return file;
        },
        keep: async (inner) => {
          await rm(place, { recursive: true, force: true });
          await rename(join(path, inner), place);
        },
        remove: async () => {
          await rm(path, { recursive: true, force: true });
          working.delete(path);
        },
      };
    },
    async directories(name = ".") {
      const parent = join(directory, name);
      const entries = await readdir(parent, { withFileTypes: true }).catch(() => []);
      return entries
        .filter((entry) => entry.isDirectory())
        .map((entry) => {
          const path = join(parent, entry.name);
          const workedOn = working.get(path);
          return { name: workedOn ?? entry.name, path, worker: workedOn === undefined ? null : "running" };
        });
    },
    discard: (path) => rm(path, { recursive: true, force: true }),
  };
}

function recordsIn(directory: string, made: (path: string) => Promise<string>): Records {
  const nameOf = (key: string): string => `${createHash("sha256").update(key).digest("hex")}.json`;
  const read = async (name: string): Promise<unknown> => {
    try {
      return JSON.parse(await readFile(join(directory, name), "utf8")) as unknown;
    } catch {
      return undefined;
    }
  };
  return {
    read: (key) => read(nameOf(key)),
    async all() {
      const values = await Promise.all((await readdir(directory).catch(() => [])).map(read));
      return values.filter((value) => value !== undefined);
    },
    async write(key, value) {
      const file = join(await made(directory), nameOf(key));
      await guarded(file, () => writeFile(file, JSON.stringify(value), { mode: 0o600 }));
    },
    remove: (key) => rm(join(directory, nameOf(key)), { force: true }),
  };
}

async function guarded<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw storageUnusable(path, systemCode(error) ?? String(error), error);
  }
}
