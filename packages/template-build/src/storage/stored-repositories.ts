import { basename, join } from "node:path";
import { parseRuntimeName, tryParse, type Release, type Store, type StoredItem } from "@molecule/core";
import { lockObjectStore, objectStores } from "../checkout/object-store.js";
import { bytesBelow } from "./bytes-below.js";
import { heldBy, nothing } from "./stored-checkouts.js";

/** Returns the object stores of all runtimes, and what an interrupted removal has left of them. */
export async function storedRepositories(
  store: Pick<Store, "directories" | "privateDirectory">,
): Promise<readonly StoredItem[]> {
  const items: StoredItem[] = [];
  for (const { name } of await store.directories(objectStores)) {
    const runtime = tryParse(parseRuntimeName, name);
    if (runtime === undefined) continue;
    for (const { path, worker } of await store.directories(join(objectStores, runtime))) {
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

/** Takes the object store at a path; returns undefined if a process uses it. */
export function lockRepository(
  store: Pick<Store, "privateDirectory">,
  runtime: string,
  path: string,
): Promise<Release | undefined> {
  return lockObjectStore(store, join(objectStores, runtime, basename(path)));
}

async function holderOf(
  ...[store, runtime, path]: Parameters<typeof lockRepository>
): Promise<string | null> {
  try {
    const release = await lockRepository(store, runtime, path);
    await release?.();
    return release === undefined ? heldBy.running : null;
  } catch {
    return heldBy.unknown;
  }
}
