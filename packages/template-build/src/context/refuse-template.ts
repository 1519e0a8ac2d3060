import { contextIgnores, type ContextSubject } from "./context-ignores.js";
import { refuseLfsPointers } from "./refuse-lfs-pointers.js";
import { refuseSubmodules } from "./refuse-submodules.js";
import { surveyTree } from "./survey-tree.js";

/** Features that templates may use only if the source's options allow them. */
export interface Allowances {
  readonly allowSubmodules: boolean;
  readonly allowLfs: boolean;
}

/**
 * Throws `TEMPLATE_INVALID` for a template with disallowed content, before anything is built from it.
 * @param isWorkingCopy it may hold empty directories that are not submodules, and ignored ones that cannot be read
 */
export async function refuseTemplate(
  subject: ContextSubject,
  allowed: Allowances,
  isWorkingCopy = false,
): Promise<void> {
  const { directory, dockerfile } = subject;
  if (allowed.allowSubmodules && allowed.allowLfs) return;
  const survey = isWorkingCopy ? undefined : await surveyTree(directory);
  if (!allowed.allowSubmodules) await refuseSubmodules(directory, survey);
  if (allowed.allowLfs) return;
  const { matcher, ignoreFile } = await contextIgnores(subject);
  const always = ignoreFile === undefined ? [dockerfile] : [dockerfile, ignoreFile];
  await refuseLfsPointers(directory, survey, { matcher, always });
}
