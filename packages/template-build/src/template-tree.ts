import { shortSha, type Call, type SourceServices } from "@molecule/core";
import { checkOut } from "./checkout/check-out.js";
import type { Checkout } from "./checkout/checkout.js";
import { removeWorkDirectory } from "./checkout/remove-work-directory.js";
import type { OpenCommit } from "./commit/open-commit.js";
import { diskTree } from "./context/disk-tree.js";
import type { FileTree } from "./context/file-tree.js";
import type { CommitFeatures } from "./context/refuse-template.js";
import { workingCopyTag } from "./image/local-reference.js";
import type { TemplateResolution } from "./template-resolution.js";

/** The files of a template during one build. */
export interface TemplateTree {
  readonly tree: FileTree;
  /** An empty private directory for the builder. Removed by `settle`. */
  readonly scratch: string;
  /** The time of every file in the context. */
  readonly modifiedAt: Date;
  /** Undefined for a working copy: the user's directory, which holds more than a commit, and may change during the build. */
  readonly features: CommitFeatures | undefined;
  /**
   * Resolves once the commit is verified, and written for people to inspect. Both happen during the build.
   * Rejects if it is damaged or cannot be written: then no image counts. A rejection may be ignored.
   */
  readonly complete: Promise<void>;
  /** Removes everything that was created for this build. Never rejects. */
  readonly settle: () => Promise<void>;
}

/**
 * The time of the files of a working copy: the same for the same content, whenever a file was saved. Not 1970, because zip
 * archives, Python wheels included, begin in 1980.
 */
const workingCopyTime = new Date("2000-01-01T00:00:00Z");

/** Fetches the commit, or prepares to build the working copy where it is. Rejects like `checkOut`. */
export async function openTemplateTree(
  { store, env }: Pick<SourceServices, "store" | "env">,
  resolution: TemplateResolution,
  { signal, log, progress }: Call,
): Promise<TemplateTree> {
  const { runtime, workingCopy, buildKey } = resolution;
  if (workingCopy === undefined) {
    const { remote, revision: commit } = resolution;
    const name = `${runtime}/${shortSha(commit)}`;
    const what = `${remote.url} ${commit}`;
    return progress.step("checkout", what, async (report) => {
      const checkout = await checkOut({ remote, commit, store, name, env, signal, report, log });
      return commitTemplate(checkout);
    });
  }
  const work = await store.workDirectory(`${runtime}/${workingCopyTag(buildKey)}`);
  const settle = (): Promise<void> => removeWorkDirectory(work, log);
  try {
    const scratch = await work.directory("scratch");
    const { directory } = workingCopy;
    const tree = diskTree(directory);
    const complete = Promise.resolve();
    return { tree, scratch, modifiedAt: workingCopyTime, features: undefined, complete, settle };
  } catch (error) {
    await settle();
    throw error;
  }
}

/** Settles the checkout if the commit cannot be opened. */
async function commitTemplate(checkout: Checkout): Promise<TemplateTree> {
  let commit: OpenCommit | undefined;
  const settle = async (): Promise<void> => {
    await commit?.close();
    await checkout.settle();
  };
  try {
    // Loaded only for a build: a cache hit starts faster without it.
    const { openCommit } = await import("./commit/open-commit.js");
    commit = await openCommit(checkout);
    const tree = commit.tree ?? diskTree(await checkout.files());
    const complete = Promise.all([checkout.written, commit.verified]).then(() => undefined);
    complete.catch(() => undefined);
    const { committedAt: modifiedAt } = commit;
    return { tree, scratch: checkout.scratch, modifiedAt, features: commit, complete, settle };
  } catch (error) {
    await settle();
    throw error;
  }
}
