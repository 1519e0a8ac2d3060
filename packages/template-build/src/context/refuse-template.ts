import { contextSelection } from "./context-selection.js";
import { refuseLfsPointers } from "./refuse-lfs-pointers.js";
import { refuseSubmodules } from "./refuse-submodules.js";
import { surveyTree } from "./survey-tree.js";

/** What the options of a source let a template do. */
export interface Allowances {
  readonly allowSubmodules: boolean;
  readonly allowLfs: boolean;
}

/**
 * Throws `TEMPLATE_INVALID` for a checkout that holds what is not allowed, before anything is built from it.
 * `dockerfile` is as `locateDockerfile` answers it.
 */
export async function refuseTemplate(
  directory: string,
  dockerfile: string,
  allowed: Allowances,
): Promise<void> {
  if (allowed.allowSubmodules && allowed.allowLfs) return;
  const survey = await surveyTree(directory);
  if (!allowed.allowSubmodules) await refuseSubmodules(directory, survey);
  if (!allowed.allowLfs)
    await refuseLfsPointers(directory, survey, await contextSelection(directory, dockerfile));
}
