import { basename, join } from "node:path";
import { parseRuntimeName, tryParse, type Release, type Store, type StoredItem } from "@molecule/core";
import { lockRepository, repositories } from "../checkout/object-store.js";
import { bytesBelow } from "./bytes-below.js";
import { heldBy, nothing } from "./stored-checkouts.js";

/** Returns the repositories of all runtimes, and what interrupted removals have left. */
export async function storedRepositories(
  store: Pick<Store, "directories" | "privateDirectory">,
): Promise<readonly StoredItem[]> {
  const items: StoredItem[] = [];
  for (const { name } of await store.directories(repositories)) {
    const runtime = tryParse(parseRuntimeName, name);
    if (runtime === undefined) continue;
    const ofRuntime = await store.directories(join(repositories, runtime));
    const below = await Promise.all(
      ofRuntime.map(({ path }) => store.directories(join(repositories, runtime, basename(path)))),
    );
    for (const { path, worker } of [
      ...ofRuntime,
      ...below.flat().filter(({ worker: one }) => one !== null),
    ]) {
      const [kind, held] =
        worker === null
          ? (["repository", await holderOf(store, runtime, path)] as const)
          : (["work", heldBy[worker]] as const);
      const bytes = await bytesBelow(path);
      items.push({ ...nothing, kind, runtime, revision: null, path, bytes, held });
    }
  }
  return items;
}

/** Takes the repository at a path; returns undefined if a process uses it. */
export function lockStoredRepository(
  store: Pick<Store, "privateDirectory">,
  runtime: string,
  path: string,
): Promise<Release | undefined> {
  return lockRepository(store, join(repositories, runtime, basename(path)));
}

async function holderOf(
  ...[store, runtime, path]: Parameters<typeof lockStoredRepository>
): Promise<string | null> {
  try {
    const release = await lockStoredRepository(store, runtime, path);
    await release?.();
    return release === undefined ? heldBy.running : null;
  } catch {
    return heldBy.unknown;
  }
}
