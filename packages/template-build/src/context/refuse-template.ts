import { contextIgnores, type ContextSubject } from "./context-ignores.js";
import { refuseLfsPointers } from "./refuse-lfs-pointers.js";
import { refuseSubmodules } from "./refuse-submodules.js";

/** Features that templates may use only if the source's options allow them. */
export interface Allowances {
  readonly allowSubmodules: boolean;
  readonly allowLfs: boolean;
}

/** The properties of a commit that decide whether it may be built. */
export interface CommitFeatures {
  /** The path of the first submodule; undefined if the commit has none. */
  readonly submodule: string | undefined;
  /** Whether a `.gitattributes` mentions LFS. */
  readonly mentionsLfs: boolean;
}

/**
 * Throws `TEMPLATE_INVALID` for a template with disallowed content, before anything is built from it.
 * @param features undefined for a working copy, any file of which may be an LFS pointer
 */
export async function refuseTemplate(
  subject: ContextSubject,
  allowed: Allowances,
  features: CommitFeatures | undefined,
): Promise<void> {
  const { tree, dockerfile } = subject;
  if (!allowed.allowSubmodules) await refuseSubmodules(tree, features?.submodule);
  if (allowed.allowLfs || features?.mentionsLfs === false) return;
  const { matcher, ignoreFile } = await contextIgnores(subject);
  const always = ignoreFile === undefined ? [dockerfile] : [dockerfile, ignoreFile];
  await refuseLfsPointers(tree, { matcher, always });
}
