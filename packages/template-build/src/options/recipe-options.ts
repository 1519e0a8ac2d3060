import { parseCommitSha, parseRuntimeName, tryParse } from "@molecule/core";
import * as v from "valibot";
import { isBranchName } from "./branch-name.js";
import { repositoryFault } from "./template-repository.js";
import { secretOptions } from "./secret-options.js";
import { variableName } from "./variable-name.js";

const insideTheTree = (path: string): boolean =>
  !/^[/\\]|^[a-z]:/i.test(path) && !path.split(/[/\\]/).includes("..");

const pathInTemplate = v.pipe(
  v.string(),
  v.minLength(1),
  v.check(insideTheTree, "must be a path inside the repository"),
);

/** Options that one runtime may have for itself; without defaults. */
export const recipeOptions = {
  forge: v.picklist(["gitea", "git"], "must be gitea or git"),
  branch: v.pipe(v.string(), v.check(isBranchName, "must be the name of a branch")),
  dockerfile: pathInTemplate,
  target: v.pipe(v.string(), v.minLength(1)),
  buildArgs: v.record(variableName, v.string()),
  buildArgsFrom: v.record(variableName, pathInTemplate),
  secrets: secretOptions,
};

const runtimeName = v.pipe(
  v.string(),
  v.check((name) => tryParse(parseRuntimeName, name) !== undefined, "must be the name of a runtime"),
);

/** The keys that say which commit is built; a working copy replaces them. */
export const keysOfCommits = ["repo", "forge", "branch", "revision"] as const;

/** The options of one runtime's template, which replace those of the source. */
const templateFields = v.strictObject({
  repo: v.pipe(
    v.optional(
      v.pipe(
        v.string(),
        v.check(
          (url) => repositoryFault(url) === undefined,
          ({ input }) => `must be the URL of a repository: ${repositoryFault(input) ?? ""}`,
        ),
      ),
    ),
    v.description("URL of the template's repository, http or https. Default: `repoPrefix` and the runtime."),
  ),
  forge: v.optional(recipeOptions.forge),
  branch: v.optional(recipeOptions.branch),
  revision: v.pipe(
    v.optional(
      v.pipe(
        v.string(),
        v.check(
          (sha) => tryParse(parseCommitSha, sha) !== undefined,
          "must be a full commit hash: 40 or 64 lower-case hex digits",
        ),
      ),
    ),
    v.description("The commit to build. Nothing is looked up."),
  ),
  path: v.pipe(
    v.optional(v.pipe(v.string(), v.minLength(1))),
    v.description(
      "A directory, relative to this file. It is built as it is, committed or not, instead of a commit. Excludes `repo`, `forge`, `branch` and `revision`.",
    ),
  ),
  dockerfile: v.optional(recipeOptions.dockerfile),
  target: v.optional(recipeOptions.target),
  buildArgs: v.optional(recipeOptions.buildArgs),
  buildArgsFrom: v.optional(recipeOptions.buildArgsFrom),
  secrets: v.optional(recipeOptions.secrets),
});

const templateEntry = v.pipe(
  templateFields,
  v.forward(
    v.check(
      (entry) => entry.path === undefined || keysOfCommits.every((key) => entry[key] === undefined),
      `cannot be combined with ${keysOfCommits.join(", ")}: the directory is built, not a commit`,
    ),
    ["path"],
  ),
);

export const templatesOption = v.pipe(
  v.optional(v.record(runtimeName, templateEntry), {}),
  v.description(
    "Options for the template of one runtime: `{ <runtime>: { repo, revision, … } }`. Each key replaces the whole value above.",
  ),
);
