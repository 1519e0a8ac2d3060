import { parseRepoPrefix } from "./repo-prefix.js";
import type { TemplateOptions } from "./template-options.js";

/**
 * Throws `CONFIG_INVALID` for options that the schema accepts and no build could use: the prefix is otherwise parsed for
 * each runtime, so that commands that need none still run.
 */
export function assertUsableOptions({ repoPrefix }: Pick<TemplateOptions, "repoPrefix">): void {
  parseRepoPrefix(repoPrefix);
}
