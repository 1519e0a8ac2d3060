import { isImageSourceError, parseImageReference } from "@molecule/core";
import * as v from "valibot";
import { isBranchName } from "./branch-name.js";

/** Where Molecule's templates are mirrored. */
export const defaultRepoPrefix = "https://git.moleculesai.app/molecule-ai/molecule-ai-workspace-template-";

const insideTheTree = (path: string): boolean =>
  !/^[/\\]|^[a-z]:/i.test(path) && !path.split(/[/\\]/).includes("..");

function isRegistry(host: string): boolean {
  try {
    return parseImageReference(`${host}/x`).registry === host;
  } catch (error) {
    if (isImageSourceError(error)) return false;
    throw error;
  }
}

/** Images can be named under it, in a registry that is named: without one it would be Docker Hub's. */
function isPrefix(prefix: string): boolean {
  try {
    const { registry, tag, digest } = parseImageReference(`${prefix}/workspace-template-x`);
    return tag === null && digest === null && prefix.startsWith(registry);
  } catch (error) {
    if (isImageSourceError(error)) return false;
    throw error;
  }
}

/** Options of every source that builds templates; `options.<source>` of the configuration. */
export const templateOptions = v.strictObject({
  repoPrefix: v.optional(v.string(), defaultRepoPrefix),
  branch: v.optional(v.pipe(v.string(), v.check(isBranchName, "must be the name of a branch"))),
  dockerfile: v.optional(
    v.pipe(v.string(), v.minLength(1), v.check(insideTheTree, "must be a path inside the repository")),
    "Dockerfile",
  ),
  target: v.optional(v.pipe(v.string(), v.minLength(1))),
  buildArgs: v.optional(v.record(v.pipe(v.string(), v.regex(/^[A-Za-z_][A-Za-z0-9_]*$/)), v.string()), {}),
  allowSubmodules: v.optional(v.boolean(), false),
  allowLfs: v.optional(v.boolean(), false),
  allowedRegistries: v.optional(
    v.array(
      v.pipe(v.string(), v.check(isRegistry, "must be the host of a registry, as docker.io or h:5000")),
    ),
  ),
  whenForgeIsDown: v.optional(v.picklist(["fail", "last-good"], "must be fail or last-good"), "fail"),
  share: v.optional(
    v.strictObject({
      registry: v.pipe(v.string(), v.check(isPrefix, "must be HOST[:PORT]/PATH, without a tag")),
      push: v.optional(v.boolean(), false),
    }),
  ),
});

export type TemplateOptions = v.InferOutput<typeof templateOptions>;
