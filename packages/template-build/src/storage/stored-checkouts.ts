import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type StoredItem } from "@molecule/core";
import { processState } from "@molecule/node-edges";
import { workDirectoryFacts } from "../checkout/work-directory.js";
import { bytesBelow, isOwnDirectory, runtimeDirectories } from "./cache-entries.js";

/** The checkouts in the cache directory that this package created. */
export interface StoredFiles {
  readonly items: readonly StoredItem[];
  /** `<runtime> <12 digits>` of the commits that a process is working on. */
  readonly beingFilled: ReadonlySet<string>;
}

/**
 * @param places from the highest directory that must be the user's own down to the cache directory
 * @param referencesOf returns the tags that a build of the commit, given by its first 12 digits, creates
 */
export async function storedCheckouts(
  places: readonly string[],
  referencesOf: (runtime: string, commit: string) => readonly string[],
): Promise<StoredFiles> {
  const items: StoredItem[] = [];
  const beingFilled = new Set<string>();
  for (const { runtime, path: parent, names } of await runtimeDirectories(places)) {
    for (const name of names) {
      const facts = workDirectoryFacts(name);
      const path = join(parent, name);
      if (facts === undefined || !(await isOwnDirectory(path))) continue;
      const state = await processState(facts.owner);
      if (state !== "gone") beingFilled.add(`${runtime} ${facts.checkout}`);
      const held = state === "running" ? "a process is using it" : null;
      const foreign = state === "unknown" ? "cannot tell whether a process is using it" : null;
      const bytes = await bytesBelow(path);
      items.push({ ...nothing, kind: "work", runtime, revision: null, path, bytes, held: held ?? foreign });
    }
    for (const name of names) {
      const path = join(parent, name);
      const revision = await commitOf(path, name);
      if (revision === undefined) continue;
      const held = beingFilled.has(`${runtime} ${name}`) ? "its commit is being fetched or built" : null;
      const references = referencesOf(runtime, name);
      const bytes = await bytesBelow(path);
      items.push({ ...nothing, kind: "checkout", runtime, revision, path, bytes, held, references });
    }
  }
  return { items, beingFilled };
}

const nothing = { imageId: null, names: [], otherNames: [], madeAt: null, references: [] } as const;

/** Returns undefined unless this is a checkout of the commit that it is named after. */
async function commitOf(path: string, name: string): Promise<string | undefined> {
  if (!/^[0-9a-f]{12}$/.test(name) || !(await isOwnDirectory(path))) return undefined;
  const head = await readFile(join(path, ".git", "HEAD"), "utf8").catch(() => "");
  const commit = head.trim();
  return /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(commit) && commit.startsWith(name) ? commit : undefined;
}
