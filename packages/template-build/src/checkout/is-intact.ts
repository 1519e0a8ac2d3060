import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { FetchedCommit } from "./fetched-commit.js";
import { readGit } from "./git-process.js";
import { GitFailure } from "./git-session.js";

const maxOutputBytes = 1024 * 1024;

/**
 * Whether every object that a commit was read from has the content that its hash stands for. git hashes objects when it
 * fetches them, and not when it reads them, so this hashes those of the object store again.
 */
export async function isIntact({
  objectStore,
  parts,
}: Pick<FetchedCommit, "objectStore" | "parts">): Promise<boolean> {
  if (objectStore === undefined) return true;
  const packs = join("objects", "pack");
  const names = await readdir(join(objectStore.path, packs));
  const indexes = names.filter((name) => name.endsWith(".idx")).map((name) => join(packs, name));
  try {
    await readGit(parts, ["verify-pack", "--", ...indexes], maxOutputBytes);
    return true;
  } catch (error) {
    if (error instanceof GitFailure) return false;
    throw error;
  }
}
