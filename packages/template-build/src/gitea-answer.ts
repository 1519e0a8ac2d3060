import { ImageSourceError, type BoundedAnswer } from "@molecule/core";
import { isBranchName } from "./branch-name.js";
import { tokenVariable } from "./gitea-token.js";

/** Characters of the forge's own words that a message quotes. */
const maxWords = 200;

/**
 * The answer if it is a 200, else the error that says what the forge said.
 * @param branch the configured one, where it was asked for: it may be what is not there
 */
export function succeeded(answer: BoundedAnswer, branch?: string): BoundedAnswer {
  const { status, url } = answer;
  if (status === 200) return answer;
  const said = saidBy(answer);
  if (status === 401 || status === 403) {
    throw new ImageSourceError({
      code: "SOURCE_DENIED",
      message: `${url} answers ${String(status)}${said}`,
      hint: `Set ${tokenVariable} to a token that may read this repository, or unset it if it has expired.`,
    });
  }
  if (status === 404) {
    throw new ImageSourceError({
      code: "SOURCE_NOT_FOUND",
      message: `${url} answers 404${said}`,
      hint: `Either ${noSuchBranch(branch)}this template is not mirrored on the forge, or it is private and needs ${tokenVariable}.`,
    });
  }
  if (status === 429 || status >= 500) {
    throw new ImageSourceError({
      code: "SOURCE_UNREACHABLE",
      message: `${url} answers ${String(status)}${said}`,
      hint:
        status === 429
          ? "The forge asks to wait: try again later."
          : "Try again; if it stays, ask who runs the forge.",
      transient: { afterMs: answer.retryAfterMs },
    });
  }
  throw notTheApi(answer, `status ${String(status)}${said}`);
}

function noSuchBranch(branch: string | undefined): string {
  return branch === undefined ? "" : `it has no branch ${branch} (the option \`branch\`), or `;
}

/** `commit.id` of a branch, unchecked. */
export function commitId(answer: BoundedAnswer): string {
  const commit = own(parsed(answer), "commit");
  const id = typeof commit === "object" && commit !== null ? own(commit, "id") : undefined;
  if (typeof id !== "string") throw notTheApi(answer, "it names no commit");
  return id;
}

/** `default_branch` of a repository. */
export function defaultBranch(answer: BoundedAnswer): string {
  const repository = parsed(answer);
  const name = own(repository, "default_branch");
  if (own(repository, "empty") === true) throw noBranch(answer);
  if (typeof name !== "string" || !isBranchName(name)) throw notTheApi(answer, "it names no default branch");
  return name;
}

export function noBranch({ url }: BoundedAnswer): ImageSourceError {
  return new ImageSourceError({
    code: "SOURCE_NOT_FOUND",
    message: `${url}: the repository has no branch to build`,
    hint: "Push a commit to the template's default branch, or name one with options.<source>.branch.",
  });
}

export function notTheApi({ url }: BoundedAnswer, why: string): ImageSourceError {
  return new ImageSourceError({
    code: "SOURCE_MALFORMED",
    message: `${url} is not answered as by the Gitea API: ${why}`,
    hint: "Check the template repository prefix: the API is expected at <base>/api/v1, without a login page before it.",
  });
}

function parsed(answer: BoundedAnswer): object {
  try {
    const value: unknown = JSON.parse(answer.body);
    if (typeof value === "object" && value !== null) return value;
  } catch {
    // Said below: the parser's own words quote the body.
  }
  throw notTheApi(answer, `its body is no JSON object (${answer.contentType || "no content type"})`);
}

/** Never an inherited property: the body is untrusted and may hold `__proto__`. */
function own(value: object, key: string): unknown {
  return Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined;
}

/** The forge's own words, if it has any, at the end of a message. */
function saidBy({ body }: BoundedAnswer): string {
  try {
    const value: unknown = JSON.parse(body);
    const message = typeof value === "object" && value !== null ? own(value, "message") : undefined;
    return typeof message === "string" && message !== "" ? `: ${shortened(message)}` : "";
  } catch {
    return "";
  }
}

/** Cut at a blank: half of a token would not be recognised, and so not be hidden. */
function shortened(message: string): string {
  return message.length <= maxWords ? message : `${message.slice(0, maxWords).replace(/\S*$/, "")}…`;
}
