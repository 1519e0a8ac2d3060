import { shortSha, type Call, type SourceServices } from "@molecule/core";
import { checkOut } from "./checkout/check-out.js";
import { removeWorkDirectory } from "./checkout/remove-work-directory.js";
import { workingCopyTag } from "./image/local-reference.js";
import type { TemplateResolution } from "./template-resolution.js";

/** The files of a template during one build. */
export interface TemplateTree {
  /** The absolute path of the files. */
  readonly directory: string;
  /** An empty private directory for the builder. Removed by `settle`. */
  readonly scratch: string;
  /** The time of every file in the context. */
  readonly modifiedAt: Date;
  /** Whether it is the user's directory, which holds more than a checkout does, and may change during the build. */
  readonly isWorkingCopy: boolean;
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
    const { checkout, directory } = await progress.step(
      "checkout",
      `${remote.url} ${commit}`,
      async (report) => {
        const fetched = await checkOut({ remote, commit, store, name, env, signal, report, log });
        try {
          return { checkout: fetched, directory: await fetched.files() };
        } catch (error) {
          await fetched.settle();
          throw error;
        }
      },
    );
    const { scratch, committedAt, settle } = checkout;
    return { directory, scratch, modifiedAt: committedAt, isWorkingCopy: false, settle };
  }
  const work = await store.workDirectory(`${runtime}/${workingCopyTag(buildKey)}`);
  const settle = (): Promise<void> => removeWorkDirectory(work, log);
  try {
    const scratch = await work.directory("scratch");
    const { directory } = workingCopy;
    return { directory, scratch, modifiedAt: workingCopyTime, isWorkingCopy: true, settle };
  } catch (error) {
    await settle();
    throw error;
  }
}
