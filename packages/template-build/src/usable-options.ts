import { parseRepoPrefix } from "./forge/repo-prefix.js";
import type { TemplateOptions } from "./template-options.js";

/**
 * Throws `CONFIG_INVALID` for options that the schema accepts but no build can use. The prefix is otherwise parsed once
 * per runtime, so that commands that do not need one still run.
 */
export function assertUsableOptions({ repoPrefix }: Pick<TemplateOptions, "repoPrefix">): void {
  parseRepoPrefix(repoPrefix);
}
