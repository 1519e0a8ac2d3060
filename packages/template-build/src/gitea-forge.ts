import { boundedGet, parseCommitSha, type BoundedAnswer, type Fetch } from "@molecule/core";
import * as answers from "./gitea-answer.js";
import { probeGitea } from "./diagnosis/probe-gitea.js";
import { parseRepoPrefix, type RepoPrefix } from "./repo-prefix.js";
import type { TemplateForge } from "./template-forge.js";
import { authorizationFor } from "./gitea-token.js";

/** Facts of the Gitea API: a branch answer has no bound of its own (a commit message may be long). */
const maxBytes = 65_536;
const deadlineMs = 30_000;
/** Tried first, so that the usual look-up is one request. */
const usualBranch = "main";
/** What Gitea allows as the name of an organisation or repository. */
const forgeName = /^(?!\.{1,2}$)[\w.-]+$/;

/** Which repositories a forge has the templates in, and who asks. */
export interface GiteaForgeOptions {
  /** `<base>/<org>/<start of the repository name>`. */
  readonly repoPrefix: string;
  /** Undefined: the repository's default. */
  readonly branch: string | undefined;
  readonly token: string | undefined;
  readonly fetch: Fetch;
}

/** Looks templates up in a Gitea or Forgejo. Nothing is parsed or contacted before the first look-up. */
export function giteaForge({ repoPrefix, branch, token, fetch }: GiteaForgeOptions): TemplateForge {
  return {
    probe: (call) => probeGitea({ repoPrefix, token, fetch }, call),
    source: (runtime) => parseRepoPrefix(repoPrefix).source(runtime),
    async head(runtime, call) {
      const prefix = parseRepoPrefix(repoPrefix);
      const authorization = authorizationFor(prefix, token);
      const api = `${prefix.base}/api/v1/repos/${prefix.org}/${prefix.repository(runtime)}`;
      const get = (url: string): Promise<BoundedAnswer> =>
        boundedGet(fetch, url, {
          headers: authorization === undefined ? {} : { authorization: authorization.api },
          maxBytes,
          deadlineMs,
          signal: call.signal,
        });

      const { answer, branch: found } = await headAnswer(get, api, branch);
      const commit = parseCommitSha(answers.commitId(answer));
      const { org, repository } = currentName(prefix, api, answer);
      return {
        commit,
        remote: {
          url: `${prefix.base}/${org}/${repository}.git`,
          branch: found,
          authorization: authorization?.git,
        },
        source: prefix.source(runtime),
      };
    },
  };
}

async function headAnswer(
  get: (url: string) => Promise<BoundedAnswer>,
  api: string,
  configured: string | undefined,
): Promise<{ answer: BoundedAnswer; branch: string }> {
  const tried = configured ?? usualBranch;
  const first = await get(branchUrl(api, tried));
  if (first.status !== 404 || configured !== undefined)
    return { answer: answers.succeeded(first, configured), branch: tried };
  const branch = answers.defaultBranch(answers.succeeded(await get(api)));
  if (branch === usualBranch) throw answers.noBranch(first);
  return { answer: answers.succeeded(await get(branchUrl(api, branch))), branch };
}

/** The slashes of a branch stay: the API takes the rest of the path as its name. */
function branchUrl(api: string, branch: string): string {
  return `${api}/branches/${branch.split("/").map(encodeURIComponent).join("/")}`;
}

/** A renamed repository redirects the API; git is then sent to the new name, for it must follow no redirect. */
function currentName(
  prefix: RepoPrefix,
  api: string,
  answer: BoundedAnswer,
): { org: string; repository: string } {
  const base = `${prefix.base}/api/v1/repos/`;
  const path = answer.url.startsWith(`${api}/`) ? api : answer.url;
  const [org = "", repository = "", kind = "branches"] = path.startsWith(base)
    ? path.slice(base.length).split("/")
    : [];
  if (path !== api && !(forgeName.test(org) && forgeName.test(repository) && kind === "branches")) {
    throw answers.notTheApi(answer, "the redirect leads to something else than a branch");
  }
  return { org, repository };
}
