import type { Call, RuntimeName } from "@molecule/core";
import type { TemplateOptions } from "./template-options.js";

/** The effective options for the template of one runtime. */
export interface RuntimeOptions extends Omit<
  TemplateOptions,
  "templates" | "branch" | "target" | "allowedRegistries"
> {
  /** URL of the repository; undefined: the prefix and the runtime's name. */
  readonly repo: string | undefined;
  readonly branch: string | undefined;
  /** The commit to use without a lookup. */
  readonly revision: string | undefined;
  /** The directory of a working copy, which is built instead of a commit. */
  readonly path: string | undefined;
  readonly target: string | undefined;
  readonly allowedRegistries: TemplateOptions["allowedRegistries"];
}

/**
 * Returns the effective options of a runtime: each key of its entry in `templates` replaces the source's whole value.
 * @param requested a commit in it is built instead of the configured one, or of a working copy
 */
export function optionsFor(
  options: TemplateOptions,
  runtime: RuntimeName,
  requested?: Call["requested"],
): RuntimeOptions {
  const { templates, ...shared } = options;
  const own = (Object.hasOwn(templates, runtime) ? templates[runtime] : undefined) ?? {};
  return {
    ...shared,
    repo: own.repo,
    revision: requested?.revision ?? own.revision,
    path: requested?.revision === undefined ? own.path : undefined,
    forge: own.forge ?? shared.forge,
    branch: own.branch ?? shared.branch,
    dockerfile: own.dockerfile ?? shared.dockerfile,
    target: own.target ?? shared.target,
    buildArgs: own.buildArgs ?? shared.buildArgs,
    buildArgsFrom: own.buildArgsFrom ?? shared.buildArgsFrom,
    secrets: own.secrets ?? shared.secrets,
    allowedRegistries: shared.allowedRegistries,
  };
}
