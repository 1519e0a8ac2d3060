import type { SourceManifest } from "@molecule/core";
import { tokenVariables } from "./forge/forge-token.js";
import { keysOfCommits } from "./options/recipe-options.js";
import { isolationVariable } from "./image/local-reference.js";

/** The declarations common to all sources that build templates; a plugin adds its name and version. */
export const templateManifest = {
  modes: ["local"],
  capabilities: ["diagnosable", "engineBound", "prunable", "recallable", "sharing", "tracking"],
  callOptions: ["revision", "platform"],
  variables: [
    { name: "MOLECULE_LOCAL_TEMPLATE_REPO_PREFIX", option: "repoPrefix" },
    { name: tokenVariables.gitea, secret: true },
    { name: tokenVariables.git, secret: true },
    { name: isolationVariable },
  ],
  optionPaths: ["secrets.*.file", "share.verify.key", "templates.*.path", "templates.*.secrets.*.file"],
  optionVariables: ["secrets.*.env", "templates.*.secrets.*.env"],
  runtimeOptions: [{ option: "templates", workingCopy: { path: "path", replaces: keysOfCommits } }],
} as const satisfies Partial<SourceManifest>;
