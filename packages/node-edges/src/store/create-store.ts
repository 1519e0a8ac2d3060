import { basename, dirname, isAbsolute, join, normalize, relative } from "node:path";
import type { Env, Store } from "@molecule/core";
import { makeOwnDirectories, ownBase } from "./own-directories.js";
import { directoryRecords } from "./records.js";
import { storageFault } from "./storage-fault.js";
import { storedDirectories } from "./stored-directories.js";
import { discardDirectory, makeWorkDirectory } from "./work-directory.js";

/** A store, and where it is. */
export interface DirectoryStore extends Store {
  /** An absolute path, which need not exist yet. */
  readonly directory: string;
  /** `directory` or one of its parents: from here downwards every directory must belong to the user. */
  readonly base: string;
}

/** Options of a store. */
export interface StoreOptions {
  /** An absolute path, which need not exist yet. */
  readonly directory: string;
  /** The variables that locate the default cache directory and name the user who called `sudo`. */
  readonly env: Env;
}

/** Returns the store in a cache directory. */
export function createStore({ directory, env }: StoreOptions): DirectoryStore {
  const base = ownBase(directory, env);
  const pathOf = (name: string): string => join(directory, checkedName(name));

  async function guarded<T>(path: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw storageFault(error, path, base);
    }
  }
  const made = (path: string): Promise<string> => guarded(path, () => makeOwnDirectories(base, path, env));

  return {
    directory,
    base,
    records: (name) => directoryRecords(pathOf(name), () => made(pathOf(name)), guarded),
    privateDirectory: (name) => made(pathOf(name)),
    async workDirectory(name) {
      const path = pathOf(name);
      const parent = await made(dirname(path));
      return guarded(path, () => makeWorkDirectory(parent, basename(path), guarded));
    },
    directories: (name) => storedDirectories(base, name === undefined ? directory : pathOf(name)),
    async discard(path) {
      const name = checkedName(relative(directory, path));
      // Names of runtimes are for people, who may have a shell there.
      await discardDirectory(path, { endsPrograms: name.startsWith(".") });
    },
  };
}

/** Throws a `TypeError` unless the name stays within the store. */
function checkedName(name: string): string {
  if (name !== "" && name === normalize(name) && !isAbsolute(name) && !/^\.\.?(?:\/|$)/.test(name))
    return name;
  throw new TypeError(
    `${JSON.stringify(name)} is not a name in the store: it must be a relative path without ..`,
  );
}
