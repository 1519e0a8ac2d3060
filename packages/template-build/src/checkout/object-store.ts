import { createHash } from "node:crypto";
import { readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Log, Release, Store } from "@molecule/core";
import { tryLockFile } from "@molecule/node-edges";
import { readStoreLayout, type ObjectFormat } from "./store-layout.js";

/** The name in the store of the directory that has a directory of repositories for each runtime. */
export const repositories = ".repositories";

/** Each fetch adds one, and git searches all of them for every object. */
const maxPacks = 32;

/** A repository that keeps the objects of earlier commits, so that the next fetch transfers only what has changed. */
export interface ObjectStore {
  /** The directory of the repository. */
  readonly path: string;
  /** Whether git has to create it first. */
  readonly isEmpty: boolean;
  /**
   * Runs commands that write to the repository. If they, or this process, do not end by themselves, the repository is
   * not used again.
   * @param isHarmless whether an error leaves the repository as it was
   */
  write<T>(work: () => Promise<T>, isHarmless: (error: unknown) => boolean): Promise<T>;
  /** Makes {@link close} remove the repository. */
  distrust(why: string): void;
  /** Lets others use the repository. Idempotent. Never rejects. */
  close(): Promise<void>;
}

export interface ObjectStoreRequest {
  readonly store: Pick<Store, "privateDirectory" | "discard">;
  readonly runtime: string;
  /** Of the repository that is fetched. */
  readonly url: string;
  readonly format: ObjectFormat;
  readonly log: Log;
}

/**
 * Returns the name in the store of the directory with everything that makes the next build of a template faster.
 * `prune` removes it as a whole.
 * @param url of the repository of the template
 */
export function repositoryName(runtime: string, url: string): string {
  return join(repositories, runtime, hashOf(url));
}

/**
 * Opens the object store of a repository, for this caller alone. A store that is not exactly as a complete fetch leaves
 * it is removed first. Returns undefined if another caller uses it, or it cannot be used: a commit can always be fetched
 * without it.
 */
export async function openObjectStore(request: ObjectStoreRequest): Promise<ObjectStore | undefined> {
  const { store, runtime, url, log } = request;
  const name = repositoryName(runtime, url);
  let unlock: Release | undefined;
  try {
    unlock = await lockRepository(store, name);
    if (unlock === undefined) {
      log.debug("the object store is in use; fetching without it", { name });
      return undefined;
    }
    const { path, isEmpty } = await prepare(join(name, "objects.git"), request);
    return opened({ path, isEmpty, unlock, store, log });
  } catch (error) {
    await unlock?.();
    log.warn("cannot use the object store; fetching without it", { name, error: String(error) });
    return undefined;
  }
}

/**
 * Takes a repository. Returns undefined if a running process uses its object store.
 * @param name as {@link repositoryName} returns it
 */
export async function lockRepository(
  store: Pick<Store, "privateDirectory">,
  name: string,
): Promise<Release | undefined> {
  return tryLockFile(join(await store.privateDirectory("locks"), `${hashOf(name)}.lock`));
}

function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 32);
}

async function prepare(
  name: string,
  { store, format, log }: ObjectStoreRequest,
): Promise<{ path: string; isEmpty: boolean }> {
  const path = await store.privateDirectory(name);
  const layout = await readStoreLayout(path, format);
  const hasTooMany = layout.fault === undefined && layout.packs.length > maxPacks;
  if (layout.fault === undefined && !hasTooMany) return { path, isEmpty: layout.isEmpty };
  if (layout.fault === undefined)
    log.debug("starting a new object store", { path, packs: layout.packs.length });
  else log.warn("removing a damaged object store", { path, why: layout.fault });
  await store.discard(path);
  return { path: await store.privateDirectory(name), isEmpty: true };
}

function opened({
  path,
  isEmpty,
  unlock,
  store,
  log,
}: Pick<ObjectStore, "path" | "isEmpty"> &
  Pick<ObjectStoreRequest, "store" | "log"> & { readonly unlock: Release }): ObjectStore {
  let fault: string | undefined;
  let closing: Promise<void> | undefined;
  const release = async (): Promise<void> => {
    if (fault !== undefined) {
      log.warn("removing a damaged object store", { path, why: fault });
      await store.discard(path).catch((error: unknown) => {
        log.warn("cannot remove a damaged object store", { path, error: String(error) });
      });
    }
    await unlock();
  };
  return {
    path,
    isEmpty,
    async write(work, isHarmless) {
      // The layout of a complete store has no such file.
      const marker = join(path, "fetching");
      await writeFile(marker, "", { flag: "wx" });
      try {
        const result = await work();
        await rm(marker);
        return result;
      } catch (error) {
        if (isHarmless(error)) {
          await removeUnfinishedPacks(path);
          await rm(marker);
        }
        throw error;
      }
    },
    distrust(why) {
      fault ??= why;
    },
    close: () => (closing ??= release()),
  };
}

/** Removes the files that `git index-pack` leaves when a connection breaks. */
async function removeUnfinishedPacks(path: string): Promise<void> {
  const packs = join(path, "objects", "pack");
  const names = await readdir(packs).catch(() => []);
  await Promise.all(
    names.filter((name) => name.startsWith("tmp_")).map((name) => rm(join(packs, name), { force: true })),
  );
}
