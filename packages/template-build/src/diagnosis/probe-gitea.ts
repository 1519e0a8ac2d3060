import {
  boundedGet,
  escapeControls,
  ImageSourceError,
  parseRuntimeName,
  shippedRuntimes,
  type BoundedAnswer,
  type Fetch,
} from "@molecule/core";
import { notTheApi, succeeded } from "../gitea-answer.js";
import { authorizationFor, tokenVariable } from "../gitea-token.js";
import { parseRepoPrefix, type RepoPrefix } from "../repo-prefix.js";
import type { ForgeProbe } from "../template-forge.js";

const limits = { maxBytes: 65_536, deadlineMs: 8_000 };

/** With a token: whose it is, and for what. Without: which version answers. One request, or two, to the prefix's origin alone. */
export async function probeGitea(
  {
    repoPrefix,
    token,
    fetch,
  }: { readonly repoPrefix: string; readonly token: string | undefined; readonly fetch: Fetch },
  { signal }: { readonly signal: AbortSignal },
): Promise<ForgeProbe> {
  const prefix = parseRepoPrefix(repoPrefix);
  const authorization = authorizationFor(prefix, token);
  const url = `${prefix.base}/api/v1/${authorization === undefined ? "version" : "user"}`;
  const headers: Record<string, string> =
    authorization === undefined ? {} : { authorization: authorization.api };
  const get = (asked: string): Promise<BoundedAnswer> =>
    boundedGet(fetch, asked, { headers, ...limits, signal });
  const answer = await get(url);
  const said = isUnknownQuestion(answer)
    ? await ofRepository(prefix, get)
    : authorization === undefined
      ? withoutToken(answer, prefix.base)
      : withToken(answer, prefix.base);
  const timeMs = Date.parse(answer.header("date") ?? "");
  return { said, timeMs: Number.isNaN(timeMs) ? undefined : timeMs };
}

function withoutToken(answer: BoundedAnswer, base: string): string {
  if (answer.status === 401 || answer.status === 403) {
    throw new ImageSourceError({
      code: "SOURCE_DENIED",
      message: `${answer.url} answers ${String(answer.status)}: the forge wants to know who asks`,
      hint: `Set ${tokenVariable} to a token that may read the templates.`,
    });
  }
  const version = field(succeeded(answer), "version");
  return `${base} answers, version ${version ?? "unknown"}; no token is set`;
}

/** Gitea: 401 for a token that it does not know, 403 for one that may not read its own user. */
function withToken(answer: BoundedAnswer, base: string): string {
  if (answer.status === 401) {
    throw new ImageSourceError({
      code: "SOURCE_DENIED",
      message: `${answer.url} answers 401: the forge does not accept ${tokenVariable}`,
      hint: `Make a new token with the scope read:repository, set ${tokenVariable} to it, or unset it if the templates are public.`,
    });
  }
  const scopes = answer.header("x-oauth-scopes");
  const scope = scopes === null || scopes === "" ? "" : `, scopes: ${line(scopes)}`;
  if (answer.status === 403)
    return `${base} accepts the token${scope}; it may not read whose it is (scope read:user), which is not needed`;
  const login = field(succeeded(answer), "login");
  return `${base} accepts the token of ${login ?? "an unnamed user"}${scope}`;
}

/** A forge, or a gate before it, that serves only what templates need. */
function isUnknownQuestion({ status }: BoundedAnswer): boolean {
  return status === 404;
}

/** Whatever the status: in JSON it comes from the API. */
async function ofRepository(
  prefix: RepoPrefix,
  get: (url: string) => Promise<BoundedAnswer>,
): Promise<string> {
  const [runtime = ""] = shippedRuntimes;
  const answer = await get(
    `${prefix.base}/api/v1/repos/${prefix.org}/${prefix.repository(parseRuntimeName(runtime))}`,
  );
  if (answer.status !== 404) succeeded(answer);
  field(answer, "");
  return `${prefix.base} answers; it does not say more about itself`;
}

function field(answer: BoundedAnswer, name: string): string | undefined {
  let body: unknown;
  try {
    body = JSON.parse(answer.body);
  } catch {
    throw notTheApi(answer, "its body is no JSON");
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
