import { join } from "node:path";
import { parseCommitSha, silentLog, silentReport } from "@molecule/core";
import { createStore } from "@molecule/node-edges";
import type { Forge } from "@molecule/testkit";
import type { CheckOutRequest } from "./check-out-request.js";

/** Returns the request for a commit of the template hermes, with a cache in `root`. */
export function hermesRequest(
  { forge, root, sha }: { readonly forge: Forge; readonly root: string; readonly sha: string },
  changes: Partial<CheckOutRequest> = {},
): CheckOutRequest {
  return {
    remote: {
      url: `${forge.repoPrefix()}hermes.git`,
      branch: "main",
      authorization: undefined,
      tokenVariable: "MOLECULE_GITEA_TOKEN",
    },
    commit: parseCommitSha(sha),
    store: createStore({ directory: join(root, "cache"), env: {} }),
    name: `hermes/${sha.slice(0, 12)}`,
    env: { PATH: process.env["PATH"] },
    signal: new AbortController().signal,
    report: silentReport,
    log: silentLog,
    ...changes,
  };
}
