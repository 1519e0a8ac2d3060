import { readFile } from "node:fs/promises";
import { join } from "node:path";
import {
  parseCommitSha,
  parseRuntimeName,
  tryParse,
  type CommitSha,
  type RuntimeName,
  type Store,
  type StoredDirectory,
  type StoredItem,
} from "@molecule/core";
import { bytesBelow } from "./bytes-below.js";

/** A checkout; which images are built from it depends on their builder. */
export interface StoredCheckout extends Omit<StoredItem, "references"> {
  readonly runtime: RuntimeName;
  readonly revision: CommitSha;
}

/** The checkouts and working directories in the store that this package created. */
export interface StoredFiles {
  readonly checkouts: readonly StoredCheckout[];
  readonly work: readonly StoredItem[];
  /** `<runtime> <12 digits>` of the commits that a process is working on. */
  readonly beingFilled: ReadonlySet<string>;
}

export async function storedCheckouts(store: Pick<Store, "directories">): Promise<StoredFiles> {
  const checkouts: StoredCheckout[] = [];
  const work: StoredItem[] = [];
  const beingFilled = new Set<string>();
  const runtimes = (await store.directories()).flatMap(({ name, worker }) =>
    worker === null ? (tryParse(parseRuntimeName, name) ?? []) : [],
  );
  for (const runtime of runtimes) {
    const directories = await store.directories(runtime);
    for (const { name, path, worker } of directories) {
      if (worker === null) continue;
      if (worker !== "gone") beingFilled.add(`${runtime} ${name}`);
      const bytes = await bytesBelow(path);
      work.push({ ...nothing, kind: "work", runtime, revision: null, path, bytes, held: heldBy[worker] });
    }
    for (const directory of directories) {
      const revision = await commitOf(directory);
      if (revision === undefined) continue;
      const { name, path } = directory;
      const held = beingFilled.has(`${runtime} ${name}`) ? "its commit is being fetched or built" : null;
      const bytes = await bytesBelow(path);
      checkouts.push({ ...nothing, kind: "checkout", runtime, revision, path, bytes, held });
    }
  }
  return { checkouts, work, beingFilled };
}

/** The members that do not apply to directories. */
export const nothing = { imageId: null, names: [], otherNames: [], madeAt: null, references: [] } as const;

/** Why the directory of a process cannot be removed. */
export const heldBy = {
  running: "a process is using it",
  unknown: "cannot tell whether a process is using it",
  gone: null,
} as const;

/** Returns undefined unless this is a checkout of the commit that it is named after. */
async function commitOf({ name, path, worker }: StoredDirectory): Promise<CommitSha | undefined> {
  if (worker !== null || !/^[0-9a-f]{12}$/.test(name)) return undefined;
  const head = await readFile(join(path, ".git", "HEAD"), "utf8").catch(() => "");
  const commit = tryParse(parseCommitSha, head.trim());
  return commit?.startsWith(name) === true ? commit : undefined;
}
