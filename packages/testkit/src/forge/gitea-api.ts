import type { Credentials } from "./access.js";
import type { BranchTip, TemplateRepository } from "./template-repository.js";
import { forgeUser } from "./git-program.js";

/** An API response: a status and a JSON value. */
export interface ApiAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** `message` in Gitea's wording, in the format of its current versions. */
export function apiError(status: number, message: string, baseUrl: string): ApiAnswer {
  return { status, body: { message, url: `${baseUrl}/api/swagger` } };
}

export function apiAbout(what: "version" | "user", credentials: Credentials, host: string): ApiAnswer {
  if (credentials === "wrong") return apiError(401, "user does not exist [uid: 0, name: ]", `http://${host}`);
  if (what === "version") return { status: 200, body: { version: "1.24.0" } };
  if (credentials === "none") return apiError(401, "token is required", `http://${host}`);
  return { status: 200, body: { id: 1, login: "testkit", email: forgeUser.email } };
}

export function apiRepository(repository: TemplateRepository, baseUrl: string): ApiAnswer {
  const { facts, fullName, name } = repository;
  return {
    status: 200,
    body: {
      name,
      full_name: fullName,
      html_url: `${baseUrl}/${fullName}`,
      clone_url: `${baseUrl}/${fullName}.git`,
      default_branch: facts.defaultBranch,
      empty: repository.isEmpty,
      private: facts.isPrivate,
      archived: false,
      mirror: false,
      object_format_name: facts.objectFormat,
    },
  };
}

export function apiBranch(
  repository: TemplateRepository,
  branch: string,
  tip: BranchTip,
  baseUrl: string,
): ApiAnswer {
  const user = { ...forgeUser, username: "testkit" };
  return {
    status: 200,
    body: {
      name: branch,
      commit: {
        id: repository.apiCommitId === undefined ? tip.sha : repository.apiCommitId.value,
        message: tip.message,
        url: `${baseUrl}/${repository.fullName}/commit/${tip.sha}`,
        author: user,
        committer: user,
        verification: {
          verified: false,
          reason: "gpg.error.not_signed_commit",
          signature: "",
          signer: null,
          payload: "",
        },
        timestamp: tip.time,
        added: null,
        removed: null,
        modified: null,
      },
      protected: false,
      required_approvals: 0,
      enable_status_check: false,
      status_check_contexts: [],
      user_can_push: false,
      user_can_merge: false,
      effective_branch_protection_name: "",
    },
  };
}

/** Returns a ref, or a list if more than one ref starts with that name. */
export async function apiRefs(
  repository: TemplateRepository,
  branch: string,
  baseUrl: string,
): Promise<ApiAnswer> {
  const api = `${baseUrl}/api/v1/repos/${repository.fullName}/git`;
  const refs = (await repository.refs(branch)).map(({ ref, sha }) => ({
    ref,
    url: `${api}/${ref}`,
    object: { type: "commit", sha, url: `${api}/commits/${sha}` },
  }));
  const [only, ...others] = refs;
  if (only === undefined) return apiError(404, "not found", baseUrl);
  const isExact = others.length === 0 && only.ref === `refs/heads/${branch}`;
  return { status: 200, body: isExact ? only : refs };
}
