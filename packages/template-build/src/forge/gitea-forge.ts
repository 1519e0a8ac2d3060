import { parseCommitSha, type Fetch, type Log } from "@molecule/core";
import { boundedGet, isBodyTooLong, type BoundedResponse } from "@molecule/node-edges";
import * as responses from "./gitea-response.js";
import type { Forge } from "./forge.js";
import { authorizationFor, type ForgeToken } from "./forge-token.js";
import { probeGitea } from "./probe-gitea.js";
import type { TemplateRepository } from "../options/template-repository.js";

/** The Gitea API does not bound the response for a branch (a commit message may be long). */
const maxBytes = 65_536;
const deadlineMs = 30_000;
/** Tried first, so that the usual lookup takes one request. */
const usualBranch = "main";
/** What Gitea allows in the name of an organisation or repository. */
const forgeName = /^(?!\.{1,2}$)[\w.-]+$/;

/** The lookup of one repository. */
interface LookUp {
  /** The URL of the repository in the API. */
  readonly api: string;
  readonly hasToken: boolean;
  readonly get: (url: string) => Promise<BoundedResponse>;
}

/** A branch, and what the API returned for it. */
interface BranchResponse {
  readonly response: BoundedResponse;
  readonly branch: string;
  /** Unchecked. */
  readonly commitId: (response: BoundedResponse) => string;
}

/** Looks templates up in a Gitea or Forgejo. */
export function giteaForge(token: ForgeToken, fetch: Fetch): Forge {
  const renamed = new Set<string>();
  return {
    probe: (repositories, call) => probeGitea(repositories, { token, fetch }, call),
    async head({ runtime, repository: asked, branch }, call) {
      const authorization = authorizationFor(asked, token);
      const api = `${asked.base}/api/v1/repos/${asked.org}/${asked.name}`;
      const get = (url: string): Promise<BoundedResponse> =>
        boundedGet(fetch, url, {
          headers: authorization === undefined ? {} : { authorization: authorization.api },
          maxBytes,
          deadlineMs,
          signal: call.signal,
        });

      const found = await lookUpHead({ api, hasToken: authorization !== undefined, get }, branch);
      const commit = parseCommitSha(found.commitId(found.response));
      const { org, repository } = currentName(asked, api, found.response);
      const url = `${asked.base}/${org}/${repository}.git`;
      if (`${org}/${repository}` !== `${asked.org}/${asked.name}` && !renamed.has(url)) {
        renamed.add(url);
        reportRename(asked, { runtime, org, repository }, call.log);
      }
      const { variable: tokenVariable } = token;
      return {
        commit,
        remote: { url, branch: found.branch, authorization: authorization?.git, tokenVariable },
      };
    },
  };
}

async function lookUpHead(lookUp: LookUp, configured: string | undefined): Promise<BranchResponse> {
  const { api, hasToken, get } = lookUp;
  const first = await askBranch(lookUp, configured ?? usualBranch);
  if (first.response.status !== 404 || configured !== undefined) {
    responses.succeeded(first.response, { branch: configured, hasToken });
    return first;
  }
  const branch = responses.defaultBranch(responses.succeeded(await get(api), { hasToken }));
  const second = branch === usualBranch ? first : await askBranch(lookUp, branch);
  if (second.response.status === 404) throw responses.noBranch(second.response, `has no branch ${branch}`);
  responses.succeeded(second.response, { hasToken });
  return second;
}

/** Reads the branch's ref if a long commit message makes the response too large: a ref holds no message. */
async function askBranch({ api, get }: LookUp, branch: string): Promise<BranchResponse> {
  // Keep the slashes of a branch: the API takes the rest of the path as its name.
  const path = branch.split("/").map(encodeURIComponent).join("/");
  try {
    return { branch, response: await get(`${api}/branches/${path}`), commitId: responses.commitId };
  } catch (error) {
    if (!isBodyTooLong(error)) throw error;
  }
  const response = await get(`${api}/git/refs/heads/${path}`);
  return { branch, response, commitId: (ref) => responses.refCommitId(ref, branch) };
}

/** The API redirects a renamed repository. Pass the new name to git, which must not follow redirects. */
function currentName(
  asked: TemplateRepository,
  api: string,
  response: BoundedResponse,
): { org: string; repository: string } {
  const base = `${asked.base}/api/v1/repos/`;
  const path = response.url.startsWith(`${api}/`) ? api : response.url;
  const [org = "", repository = "", kind = "branches"] = path.startsWith(base)
    ? path.slice(base.length).split("/")
    : [];
  const isBranch = kind === "branches" || path.startsWith(`${base}${org}/${repository}/git/refs/heads/`);
  if (path !== api && !(forgeName.test(org) && forgeName.test(repository) && isBranch)) {
    throw responses.notTheApi(response, "the redirect does not lead to a branch");
  }
  return { org, repository };
}

function reportRename(
  { base, isOwn }: TemplateRepository,
  { runtime, org, repository }: { runtime: string; org: string; repository: string },
  log: Log,
): void {
  const url = `${base}/${org}/${repository}`;
  const repoPrefix = !isOwn && repository.endsWith(runtime) ? url.slice(0, -runtime.length) : undefined;
  const remedy =
    repoPrefix === undefined
      ? `set templates.${runtime}.repo to its new address`
      : "set MOLECULE_LOCAL_TEMPLATE_REPO_PREFIX to its new prefix";
  log.warn(`the template repository was renamed; ${remedy}`, {
    runtime,
    renamedTo: url,
    ...(repoPrefix === undefined ? {} : { repoPrefix }),
  });
}
