import {
  ImageSourceError,
  isImageSourceError,
  parseCommitSha,
  type Call,
  type SourceServices,
} from "@molecule/core";
import type { GitRemote } from "../checkout/git-remote.js";
import { listRemote, type ListedRef } from "../checkout/list-remote.js";
import { absentBranch } from "./absent-branch.js";
import type { Forge, ForgeTemplate } from "./forge.js";
import { authorizationFor, type ForgeToken } from "./forge-token.js";
import { isBranchName } from "../options/branch-name.js";
import { probeGit } from "./probe-git.js";

/** As for Gitea. */
const lookUpMs = 30_000;
/** A server redirects once for a missing `.git`, and once each for a renamed owner and repository. */
const maxRedirects = 3;
const heads = "refs/heads/";

/** Looks templates up on any server that serves git over HTTP, with `git ls-remote`. */
export function gitForge(
  token: ForgeToken,
  { env, store, fetch }: Pick<SourceServices, "env" | "store" | "fetch">,
  deadlineMs = lookUpMs,
): Forge {
  const renamed = new Set<string>();
  return {
    probe: (repositories, call) => probeGit(repositories, { token, fetch }, call),
    async head(template, call) {
      const { repository, branch } = template;
      const authorization = authorizationFor(repository, token)?.git;
      const ref = branch === undefined ? "HEAD" : `${heads}${branch}`;
      const at = { env, store, deadlineMs, signal: call.signal, log: call.log, ref };
      let remote: GitRemote = { url: repository.url, branch, authorization, tokenVariable: token.variable };
      for (let redirected = 0; ; redirected++) {
        const listed = await listRemote({ ...at, remote }).catch((error: unknown) => {
          throw isImageSourceError(error) ? withOwnHint(error, remote) : error;
        });
        if (!("movedTo" in listed)) {
          if (listed.sha === undefined) throw absent(remote);
          const commit = parseCommitSha(listed.sha);
          if (remote.url !== repository.url && !renamed.has(remote.url)) {
            renamed.add(remote.url);
            reportRename(template, remote, call);
          }
          return { commit, remote: { ...remote, branch: branch ?? targetOf(listed) } };
        }
        if (redirected === maxRedirects) throw redirectsTooOften(repository.url);
        remote = { ...remote, url: listed.movedTo };
      }
    },
  };
}

/** Returns the branch that HEAD points to; undefined if it points to a commit, or to something else. */
function targetOf({ target }: ListedRef): string | undefined {
  if (target?.startsWith(heads) !== true) return undefined;
  const branch = target.slice(heads.length);
  return isBranchName(branch) ? branch : undefined;
}

/** Many servers do not reveal whether a repository is missing or not visible to the user: GitHub asks for a password. */
function withOwnHint(error: ImageSourceError, { authorization, tokenVariable }: GitRemote): ImageSourceError {
  if (error.code !== "SOURCE_DENIED" && error.code !== "SOURCE_NOT_FOUND") return error;
  return error.with({
    hint:
      authorization === undefined
        ? `Check that the template is mirrored at this address, or set ${tokenVariable} if it is private.`
        : `Check the address of the template, and that the token in ${tokenVariable} is valid and may read it.`,
  });
}

function absent({ url, branch }: GitRemote): ImageSourceError {
  return new ImageSourceError({
    code: "SOURCE_NOT_FOUND",
    message:
      branch === undefined
        ? `${url}: the repository is empty, or its HEAD names a branch that does not exist`
        : `${url}: the repository has no branch ${branch}`,
    hint:
      branch === undefined
        ? "Push a commit to the template's default branch, or name another branch in the option `branch`."
        : "Push the branch, or name another one in the option `branch`.",
    transient: absentBranch,
  });
}

function redirectsTooOften(url: string): ImageSourceError {
  return new ImageSourceError({
    code: "SOURCE_MALFORMED",
    message: `${url} redirects more than ${String(maxRedirects)} times`,
    hint: "Configure the address that it redirects to in the end.",
  });
}

function reportRename({ runtime, repository }: ForgeTemplate, { url }: GitRemote, { log }: Call): void {
  // Some servers redirect to the same name with `.git`.
  if (url === `${repository.url}.git`) return;
  log.warn(`the template repository was renamed; set templates.${runtime}.repo to its new address`, {
    runtime,
    renamedTo: url,
  });
}
