import { ImageSourceError } from "@molecule/core";
import { type BoundedResponse } from "@molecule/node-edges";
import { isBranchName } from "../options/branch-name.js";
import { absentBranch } from "./absent-branch.js";
import { tokenVariables } from "./forge-token.js";
import { foreignServer, isOfGitea, member, messageOf } from "./gitea-body.js";
import { quoteServerText } from "../checkout/quote-server-text.js";

const tokenVariable = tokenVariables.gitea;

/** The request, as far as it explains a refusal. */
export interface Asked {
  /** The configured branch: it may not exist. */
  readonly branch?: string | undefined;
  readonly hasToken: boolean;
}

/** Returns a 200 response; otherwise throws the typed error for what the forge returned. */
export function succeeded(response: BoundedResponse, asked: Asked): BoundedResponse {
  const { status, url } = response;
  if (status === 200) return response;
  const message = `${url} returned ${String(status)}${quoteServerText(messageOf(response))}`;
  if (status === 401 || status === 403) throw denied(response, message, asked);
  if (status === 404) {
    if (!isOfGitea(response)) throw notTheApi(response, "status 404 without the API's JSON");
    throw new ImageSourceError({ code: "SOURCE_NOT_FOUND", message, hint: notFoundHint(asked) });
  }
  if (status === 409 && isOfGitea(response)) throw noBranch(response, "is empty");
  if (status === 429 || status === 408 || status >= 500) {
    throw new ImageSourceError({
      code: "SOURCE_UNREACHABLE",
      message: status === 429 ? message.replace(" returned 429", " is rate limited (429)") : message,
      hint:
        status === 429
          ? "Wait, then retry; with many runtimes or hosts, raise the forge's limit."
          : "Retry; if the error persists, check the forge's log.",
      transient: { afterMs: response.retryAfterMs },
    });
  }
  throw notTheApi(response, `status ${String(status)}${quoteServerText(messageOf(response))}`);
}

function denied(response: BoundedResponse, message: string, { hasToken }: Asked): ImageSourceError {
  const { status } = response;
  // A login page or a firewall in front of the forge can also refuse, with its own message.
  if (!isOfGitea(response)) {
    return new ImageSourceError({
      code: "SOURCE_DENIED",
      message: `${message} (not from the Gitea API: ${response.contentType || "no content type"})`,
      hint: `Check for a login or a firewall in front of the forge, and that ${tokenVariable} ${hasToken ? "is valid" : "is set"}.`,
    });
  }
  const [scope] = /\[[\w:, -]+\]/.exec(messageOf(response)) ?? [];
  const hint = !hasToken
    ? `Set ${tokenVariable} to a token that may read this repository.`
    : status === 403
      ? `Give the token in ${tokenVariable} ${scope === undefined ? "access to this repository" : `one of the scopes ${scope}`}, or set another one.`
      : `Set ${tokenVariable} to a valid token with the scope read:repository, or unset it if the templates are public.`;
  return new ImageSourceError({ code: "SOURCE_DENIED", message, hint });
}

/** A forge does not reveal whether a repository is missing or not visible to the user. */
function notFoundHint({ branch, hasToken }: Asked): string {
  const branchExists =
    branch === undefined ? "" : `the branch ${branch} (\`options.<source>.branch\`) exists and that `;
  return hasToken
    ? `Check that ${branchExists}the template is mirrored on the forge, and that the token in ${tokenVariable} may read it.`
    : `Check that ${branchExists}the template is mirrored on the forge, or set ${tokenVariable} if it is private.`;
}

/** Returns `commit.id` of a branch, unchecked. */
export function commitId(response: BoundedResponse): string {
  const commit = member(parsed(response), "commit");
  const id = typeof commit === "object" && commit !== null ? member(commit, "id") : undefined;
  if (typeof id !== "string") throw notTheApi(response, "it has no commit");
  return id;
}

/** `object.sha` of a branch's ref, unchecked. The API returns the ref, or a list of all that start with its name. */
export function refCommitId(response: BoundedResponse, branch: string): string {
  const body = parsed(response);
  const refs: readonly unknown[] = Array.isArray(body) ? body : [body];
  for (const ref of refs) {
    if (typeof ref !== "object" || ref === null || member(ref, "ref") !== `refs/heads/${branch}`) continue;
    const object = member(ref, "object");
    const sha = typeof object === "object" && object !== null ? member(object, "sha") : undefined;
    if (typeof sha === "string") return sha;
  }
  throw notTheApi(response, `it has no commit of refs/heads/${branch}`);
}

/** Returns `default_branch` of a repository. */
export function defaultBranch(response: BoundedResponse): string {
  const repository = parsed(response);
  const name = member(repository, "default_branch");
  if (member(repository, "empty") === true) throw noBranch(response, "is empty");
  if (typeof name !== "string" || !isBranchName(name)) throw notTheApi(response, "it has no default branch");
  return name;
}

export function noBranch({ url }: BoundedResponse, why: string): ImageSourceError {
  return new ImageSourceError({
    code: "SOURCE_NOT_FOUND",
    message: `${url}: the repository ${why}`,
    hint: "Push a commit to the template's default branch, or name another branch in `options.<source>.branch`.",
    transient: absentBranch,
  });
}

export function notTheApi(response: BoundedResponse, why: string): ImageSourceError {
  const { url } = response;
  const other = foreignServer(response);
  return new ImageSourceError({
    code: "SOURCE_MALFORMED",
    message: `${url} is not a Gitea API${other === undefined ? "" : `, it looks like ${other}`}: ${why}`,
    hint: "Check MOLECULE_LOCAL_TEMPLATE_REPO_PREFIX (<base>/<org>/<start of the repository name>): the Gitea API must be at <base>/api/v1, with no login page in front of it.",
  });
}

function parsed(response: BoundedResponse): object {
  try {
    const value: unknown = JSON.parse(response.body);
    if (typeof value === "object" && value !== null) return value;
  } catch {
    // Reported below: the parser's message would quote the body.
  }
  throw notTheApi(response, `its body is not a JSON object (${response.contentType || "no content type"})`);
}
