import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { runTogether, type CommitSha } from "@molecule/core";
import type { FetchedCommit } from "./fetched-commit.js";
import { readGit } from "./git-process.js";
import { GitFailure } from "./git-session.js";

const maxOutputBytes = 1024 * 1024;

/**
 * Whether every object of the commit exists, and every object in the repository has the content that its hash stands
 * for. git hashes objects when it fetches them, and not when it reads them, so this hashes those of the object store
 * again.
 */
export async function isIntact(
  { objectStore, parts }: Pick<FetchedCommit, "objectStore" | "parts">,
  commit: CommitSha,
): Promise<boolean> {
  if (objectStore === undefined) return true;
  const packs = join("objects", "pack");
  const names = await readdir(join(objectStore.path, packs)).catch(() => []);
  const indexes = names.filter((name) => name.endsWith(".idx")).map((name) => join(packs, name));
  try {
    await runTogether(
      parts.signal,
      (signal) => readGit({ ...parts, signal }, ["rev-list", "--objects", "--quiet", commit], maxOutputBytes),
      (signal) => readGit({ ...parts, signal }, ["verify-pack", "--", ...indexes], maxOutputBytes),
    );
    return true;
  } catch (error) {
    if (error instanceof GitFailure) return false;
    throw error;
  }
}
