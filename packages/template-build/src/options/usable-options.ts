import { parseRuntimeName } from "@molecule/core";
import { assertRepoPrefix, repositoryOf } from "./template-repository.js";
import { optionsFor } from "./runtime-options.js";
import type { TemplateOptions } from "./template-options.js";

/**
 * Throws `CONFIG_INVALID` for options that the schema accepts but no build can use. The addresses are otherwise parsed
 * once per call, so that commands that do not need one still run.
 */
export function assertUsableOptions(options: TemplateOptions): void {
  assertRepoPrefix(options.repoPrefix, options.forge);
  for (const name of Object.keys(options.templates)) {
    const runtime = parseRuntimeName(name);
    repositoryOf(runtime, optionsFor(options, runtime));
  }
}
