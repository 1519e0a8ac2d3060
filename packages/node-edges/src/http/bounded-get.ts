import { type Fetch, type FetchAnswer, isImageSourceError } from "@molecule/core";
import { malformed, tooSlow, unreachable, useHttps } from "./fetch-failure.js";
import { isLoopback } from "./loopback.js";
import { retryAfterMs } from "./retry-after.js";
import { startRequestLimits, type RequestLimits } from "./request-limits.js";

/** A request, and the limits of its response. */
export interface BoundedGetRequest {
  /** Default: `GET`; `POST` with a form, `PUT` with a content. */
  readonly method?: "GET" | "HEAD";
  /** Sent to the requested origin only. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Sends these fields as a form, by POST. */
  readonly form?: Readonly<Record<string, string>>;
  /** Sends this text, by PUT. */
  readonly content?: { readonly type: string; readonly text: string };
  /**
   * Whether redirects to other origins are followed: over https, or from loopback to loopback, and without the headers.
   * For content that the caller verifies. Default: false.
   */
  readonly allowsOtherOrigins?: boolean;
  /** The maximum size of the decoded body. A longer one is `SOURCE_MALFORMED`. */
  readonly maxBytes: number;
  /** The overall time limit, from the first byte sent to the last received. Past it: `SOURCE_UNREACHABLE`. */
  readonly deadlineMs: number;
  /** The idle timeout. Past it: `SOURCE_UNREACHABLE`. Default: 15 s. */
  readonly idleMs?: number;
  readonly signal: AbortSignal;
}

/** A complete response, whose body has been read. */
export interface BoundedResponse {
  readonly status: number;
  /** The URL of the response, which differs from the requested one after a redirect. */
  readonly url: string;
  readonly contentType: string;
  /** The delay that the server asked for (`Retry-After`), in milliseconds. */
  readonly retryAfterMs: number | undefined;
  readonly body: string;
  /** Returns a header by name, in any case; null if absent. */
  readonly header: (name: string) => string | null;
}

const defaultIdleMs = 15_000;
const formType = "application/x-www-form-urlencoded";
/** A forge redirects once for an owner that was renamed, and once for a repository. */
const maxRedirects = 3;

/** The cause of the `SOURCE_MALFORMED` for a body that is too long. */
class BodyTooLong extends Error {}

/** Returns whether a {@link boundedGet} failed because the body is longer than its `maxBytes`. */
export function isBodyTooLong(error: unknown): boolean {
  return isImageSourceError(error) && error.cause instanceof BodyTooLong;
}

const isRedirect = (status: number): boolean => [301, 302, 303, 307, 308].includes(status);

/**
 * Fetches a small text, bounded in size and time, and from no other origin unless the request allows that. Follows up to
 * three redirects. A broken or refused connection is transient; an idle server or an unknown host is not:
 * docs/adr/0020.
 */
export async function boundedGet(
  fetch: Fetch,
  url: string,
  request: BoundedGetRequest,
): Promise<BoundedResponse> {
  const { idleMs = defaultIdleMs } = request;
  const limits = startRequestLimits({ ...request, idleMs });
  try {
    let from = url;
    let { headers } = request;
    for (let redirects = 0; ; redirects++) {
      const response = await fetchOnce(fetch, from, { ...request, headers }, limits);
      if (!isRedirect(response.status)) return checkPlainHttp(response);
      if (redirects === maxRedirects)
        throw malformed(
          `${url} redirects more than ${String(maxRedirects)} times`,
          "Configure the address that it redirects to in the end.",
        );
      const target = redirectTarget(from, response, request);
      if (target.origin !== new URL(from).origin) headers = undefined;
      from = target.href;
    }
  } catch (error) {
    // Ends the connection of a body that was not read to its end.
    limits.abort();
    if (isImageSourceError(error)) throw error;
    if (request.signal.aborted) throw request.signal.reason;
    if (limits.reached === "deadline")
      throw tooSlow(url, `no complete response within ${String(request.deadlineMs / 1000)} s`, error);
    if (limits.reached === "idle") throw tooSlow(url, `no data for ${String(idleMs / 1000)} s`, error);
    throw unreachable(url, error);
  } finally {
    limits.stop();
  }
}

interface Received extends BoundedResponse {
  readonly location: string | null;
}

async function fetchOnce(
  fetch: Fetch,
  url: string,
  request: Omit<BoundedGetRequest, "headers"> & {
    readonly headers: BoundedGetRequest["headers"] | undefined;
  },
  { signal, touch }: RequestLimits,
): Promise<Received> {
  const headers = { accept: "application/json", "accept-encoding": "identity", ...request.headers };
  const sent = sentBody(request);
  const response = await fetch(url, {
    redirect: "manual",
    signal,
    ...(sent === undefined
      ? { method: request.method ?? "GET", headers }
      : { method: sent.method, headers: { ...headers, "content-type": sent.type }, body: sent.text }),
  });
  touch();
  const body = await readBody(response, url, request.maxBytes, signal, touch);
  const { status, headers: responseHeaders } = response;
  return {
    status,
    url,
    contentType: responseHeaders.get("content-type") ?? "",
    retryAfterMs: retryAfterMs(responseHeaders),
    body,
    header: (name) => responseHeaders.get(name),
    location: responseHeaders.get("location"),
  };
}

function sentBody({
  form,
  content,
}: Pick<BoundedGetRequest, "form" | "content">):
  { readonly method: "POST" | "PUT"; readonly type: string; readonly text: string } | undefined {
  if (content !== undefined) return { method: "PUT", ...content };
  if (form === undefined) return undefined;
  return { method: "POST", type: formType, text: new URLSearchParams(form).toString() };
}

async function readBody(
  response: FetchAnswer,
  url: string,
  maxBytes: number,
  signal: AbortSignal,
  touch: () => void,
): Promise<string> {
  const tooLong = (): Error =>
    malformed(`${url} returned more than ${String(maxBytes)} bytes`, undefined, new BodyTooLong());
  if (Number(response.headers.get("content-length") ?? 0) > maxBytes) throw tooLong();
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    signal.throwIfAborted();
    touch();
    const part = Buffer.from(chunk);
    bytes += part.length;
    if (bytes > maxBytes) throw tooLong();
    chunks.push(part);
  }
  return Buffer.concat(chunks).toString("utf8");
}

// nginx: The plain HTTP request was sent to HTTPS port. Go: Client sent an HTTP request to an HTTPS server.
// Apache: You're speaking plain HTTP to an SSL-enabled server port.
const wantsTls =
  /plain HTTP request was sent to HTTPS port|HTTP request to an HTTPS server|plain HTTP to an SSL-enabled/;

/** Returns the response, or throws if it says that the port serves https. */
function checkPlainHttp(response: Received): Received {
  const url = new URL(response.url);
  if (url.protocol === "https:" || response.status !== 400 || !wantsTls.test(response.body)) return response;
  throw malformed(`${response.url} is served over https only`, `${useHttps(url)}.`);
}

function redirectTarget(
  from: string,
  { location }: Received,
  { allowsOtherOrigins = false }: BoundedGetRequest,
): URL {
  const target = location !== null && URL.canParse(location, from) ? new URL(location, from) : undefined;
  const source = new URL(from);
  const { origin, protocol, hostname } = source;
  if (target === undefined) throw malformed(`${from} redirects nowhere`);
  const isAllowed = target.origin === origin || (allowsOtherOrigins && isNoLessPrivate(source, target));
  if (isAllowed && target.username + target.password === "") return target;
  const refused = `${from} redirects to another origin, ${target.origin}, which is not followed`;
  if (protocol === "http:" && target.protocol === "https:" && target.hostname === hostname)
    throw malformed(refused, `Use ${target.origin} instead of ${origin} in the configured address.`);
  throw malformed(
    refused,
    `Configure an address at ${target.origin} if that is the server, or sign in to the network if it is a login page.`,
  );
}

/** A server elsewhere must not make this process send plain http, or contact its own machine. */
function isNoLessPrivate(from: URL, to: URL): boolean {
  if (isLoopback(to.hostname) && !isLoopback(from.hostname)) return false;
  return to.protocol === "https:" || (to.protocol === "http:" && isLoopback(to.hostname));
}
