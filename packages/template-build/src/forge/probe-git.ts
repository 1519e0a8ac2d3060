import { isImageSourceError, type Fetch } from "@molecule/core";
import { checkGitService } from "./check-git-service.js";
import type { ForgeProbe } from "./forge.js";
import { authorizationFor, type ForgeToken } from "./forge-token.js";
import type { TemplateRepository } from "../options/template-repository.js";

/**
 * Contacts the git service of the repositories, one after the other, until one can be read. Rejects as the first one
 * if none can.
 * @param repositories at least one, all on one server
 */
export async function probeGit(
  repositories: readonly [TemplateRepository, ...TemplateRepository[]],
  { token, fetch }: { readonly token: ForgeToken; readonly fetch: Fetch },
  { signal }: { readonly signal: AbortSignal },
): Promise<ForgeProbe> {
  const [{ origin }] = repositories;
  const authorization = authorizationFor(repositories[0], token)?.git;
  const check = ({ url }: TemplateRepository): Promise<void> =>
    checkGitService(
      fetch,
      { url, branch: undefined, authorization, tokenVariable: token.variable },
      signal,
      true,
    );
  let first: unknown;
  for (const repository of repositories) {
    try {
      await check(repository);
      const access = authorization === undefined ? "no token is set" : `with ${token.variable}`;
      return { summary: `${origin} serves git over HTTP; ${access}`, timeMs: undefined };
    } catch (error) {
      first ??= error;
      if (!isImageSourceError(error) || !isOfOne.has(error.code)) throw error;
    }
  }
  throw first;
}

/** The codes of a repository that does not exist or may not be read: another one may. */
const isOfOne: ReadonlySet<string> = new Set(["SOURCE_NOT_FOUND", "SOURCE_DENIED"]);
