import { escapeControls, ImageSourceError, type Fetch } from "@molecule/core";
import { boundedGet, type BoundedResponse } from "@molecule/node-edges";
import { notTheApi, succeeded, type Asked } from "./gitea-response.js";
import { isOfGitea } from "./gitea-body.js";
import type { ForgeProbe } from "./forge.js";
import { authorizationFor, tokenVariables, type ForgeToken } from "./forge-token.js";
import type { TemplateRepository } from "../options/template-repository.js";
import { checkGitService } from "./check-git-service.js";

const limits = { maxBytes: 65_536, deadlineMs: 8_000 };

const tokenVariable = tokenVariables.gitea;

interface Probing {
  readonly asked: Asked;
  readonly get: (path: string) => Promise<BoundedResponse>;
}

/**
 * Finds the forge's version and the token's owner; then, because a valid token may have no access, reads a repository
 * and contacts its git service. Sends requests only to the repositories' origin.
 * @param repositories at least one, all on one forge
 */
export async function probeGitea(
  repositories: readonly [TemplateRepository, ...TemplateRepository[]],
  { token, fetch }: { readonly token: ForgeToken; readonly fetch: Fetch },
  { signal }: { readonly signal: AbortSignal },
): Promise<ForgeProbe> {
  const [{ base }] = repositories;
  const authorization = authorizationFor(repositories[0], token);
  const headers: Record<string, string> =
    authorization === undefined ? {} : { authorization: authorization.api };
  const probing: Probing = {
    asked: { hasToken: authorization !== undefined },
    get: (path) => boundedGet(fetch, `${base}/api/v1/${path}`, { headers, ...limits, signal }),
  };
  const response = await probing.get(authorization === undefined ? "version" : "user");
  const access = authorization === undefined ? withoutToken(response, probing) : withToken(response, probing);
  const url = await readableRepository(probing, repositories);
  await checkGitService(
    fetch,
    { url, branch: undefined, authorization: authorization?.git, tokenVariable },
    signal,
  );
  const timeMs = Date.parse(response.header("date") ?? "");
  return { summary: `${base} ${access}`, timeMs: Number.isNaN(timeMs) ? undefined : timeMs };
}

/** A gateway in front of a forge may let only repository requests through; they decide in that case. */
function withoutToken(response: BoundedResponse, { asked }: Probing): string {
  if (response.status === 404) return "works; it does not report its version";
  const version = field(succeeded(response, asked), "version");
  return `works, version ${version ?? "unknown"}; no token is set`;
}

/** Gitea returns 401 for an unknown token, and 403 for one that may not read its own user. */
function withToken(response: BoundedResponse, { asked }: Probing): string {
  if (response.status === 401) {
    throw new ImageSourceError({
      code: "SOURCE_DENIED",
      message: `${response.url} returned 401: the forge does not accept ${tokenVariable}`,
      hint: `Set ${tokenVariable} to a new token with the scope read:repository, or unset it if the templates are public.`,
    });
  }
  if (response.status === 403)
    return "accepts the token; it may not read its user (read:user), which is not needed";
  if (response.status === 404) return "works; it does not report the owner of the token";
  const login = field(succeeded(response, asked), "login");
  return `accepts the token of ${login ?? "an unnamed user"}`;
}

/** Returns the git URL of the first readable repository. Only reading one shows what a token can access. */
async function readableRepository(
  probing: Probing,
  [first, ...others]: readonly [TemplateRepository, ...TemplateRepository[]],
): Promise<string> {
  const asked = await askRepository(probing, first);
  const found = [
    asked,
    ...(asked.found ? [] : await Promise.all(others.map((one) => askRepository(probing, one)))),
  ];
  const readable = found.find((one) => one.found);
  if (readable !== undefined) return readable.url;
  const what =
    found.length === 1
      ? `the template repository ${first.source}`
      : `none of the ${String(found.length)} template repositories of ${first.base}/${first.org}`;
  const check =
    found.length === 1
      ? "Check the repository's address"
      : "Check the organisation and the start of the name in MOLECULE_LOCAL_TEMPLATE_REPO_PREFIX";
  throw new ImageSourceError({
    code: "SOURCE_NOT_FOUND",
    message: `${what} ${found.length === 1 ? "cannot" : "can"} be read`,
    hint: probing.asked.hasToken
      ? `${check}; the token in ${tokenVariable} may lack access.`
      : `${check}, or set ${tokenVariable} if it is private.`,
  });
}

async function askRepository(
  { asked, get }: Probing,
  { org, name }: TemplateRepository,
): Promise<{ readonly found: boolean; readonly url: string }> {
  const response = await get(`repos/${org}/${name}`);
  const found = response.status !== 404;
  if (found || !isOfGitea(response)) field(succeeded(response, asked), "");
  // After a redirect the repository has another name.
  return { found, url: `${response.url.replace("/api/v1/repos/", "/")}.git` };
}

function field(response: BoundedResponse, name: string): string | undefined {
  let body: unknown;
  try {
    body = JSON.parse(response.body);
  } catch {
    throw notTheApi(response, "its body is not JSON");
  }
  const value: unknown =
    typeof body === "object" && body !== null && Object.hasOwn(body, name)
      ? (body as Record<string, unknown>)[name]
      : undefined;
  return typeof value === "string" ? line(value) : undefined;
}

function line(text: string): string {
  return escapeControls(text).replaceAll("\n", " ").slice(0, 200);
}
