import { type Fetch, type FetchAnswer, isImageSourceError } from "@molecule/core";
import { malformed, tooSlow, unreachable, useHttps } from "./fetch-failure.js";
import { retryAfterMs } from "./retry-after.js";
import { startIdleTimer } from "./idle-timer.js";

/** What is asked for, and how much of an answer is borne. */
export interface BoundedGetRequest {
  readonly headers?: Readonly<Record<string, string>>;
  /** Sends these fields as a form, by POST. */
  readonly form?: Readonly<Record<string, string>>;
  /** The most the body may have, decoded. A longer one is `SOURCE_MALFORMED`. */
  readonly maxBytes: number;
  /** For everything together, from the first byte sent to the last received. Past it: `SOURCE_UNREACHABLE`. */
  readonly deadlineMs: number;
  /** The longest silence in between. Past it: `SOURCE_UNREACHABLE`. Default 15 s. */
  readonly idleMs?: number;
  readonly signal: AbortSignal;
}

/** A whole answer: its body has been read, within its bounds. */
export interface BoundedAnswer {
  readonly status: number;
  /** Where the answer came from: another URL than the one asked when the server redirected. */
  readonly url: string;
  readonly contentType: string;
  /** How long it asks to wait (`Retry-After`), in milliseconds. */
  readonly retryAfterMs: number | undefined;
  readonly body: string;
  /** By its name, in whatever case; null where the answer has none. */
  readonly header: (name: string) => string | null;
}

const defaultIdleMs = 15_000;
const formType = "application/x-www-form-urlencoded";
/** A forge redirects once for an owner that was renamed, and once for a repository. */
const maxRedirects = 3;

/** Why a body is not read to its end; the cause of that `SOURCE_MALFORMED`. */
class BodyTooLong extends Error {}

/** Whether a {@link boundedGet} failed because the body is longer than its `maxBytes`. */
export function isBodyTooLong(error: unknown): boolean {
  return isImageSourceError(error) && error.cause instanceof BodyTooLong;
}

const isRedirect = (status: number): boolean => [301, 302, 303, 307, 308].includes(status);

/**
 * GETs a small text: bounded in bytes and in time, and never led to another origin. Follows up
 * to three redirects. A connection that broke is marked as transient; a server that is silent or not there is not, see docs/adr/0020.
 */
export async function boundedGet(
  fetch: Fetch,
  url: string,
  request: BoundedGetRequest,
): Promise<BoundedAnswer> {
  const deadline = AbortSignal.timeout(request.deadlineMs);
  const { idleMs = defaultIdleMs } = request;
  const silence = startIdleTimer(idleMs);
  // Ends the connection of a body that was not read to its end.
  const stop = new AbortController();
  const signal = AbortSignal.any([request.signal, deadline, silence.signal, stop.signal]);
  try {
    let from = url;
    for (let redirects = 0; ; redirects++) {
      const answer = await once(fetch, from, request, signal, silence.heard);
      if (!isRedirect(answer.status)) return ofHttp(answer);
      if (redirects === maxRedirects)
        throw malformed(
          `${url} redirects more than ${String(maxRedirects)} times`,
          "Configure the address that it redirects to in the end.",
        );
      from = redirectTarget(from, answer);
    }
  } catch (error) {
    stop.abort();
    if (isImageSourceError(error)) throw error;
    if (request.signal.aborted) throw request.signal.reason;
    if (deadline.aborted)
      throw tooSlow(url, `no complete response within ${String(request.deadlineMs / 1000)} s`, error);
    if (silence.signal.aborted) throw tooSlow(url, `no data for ${String(idleMs / 1000)} s`, error);
    throw unreachable(url, error);
  } finally {
    silence.stop();
  }
}

interface Answer extends BoundedAnswer {
  readonly location: string | null;
}

async function once(
  fetch: Fetch,
  url: string,
  request: BoundedGetRequest,
  signal: AbortSignal,
  heard: () => void,
): Promise<Answer> {
  const headers = { accept: "application/json", "accept-encoding": "identity", ...request.headers };
  const form = request.form === undefined ? undefined : new URLSearchParams(request.form).toString();
  const answer = await fetch(url, {
    redirect: "manual",
    signal,
    ...(form === undefined
      ? { method: "GET", headers }
      : { method: "POST", headers: { ...headers, "content-type": formType }, body: form }),
  });
  heard();
  const body = await readBody(answer, url, request.maxBytes, signal, heard);
  const { status, headers: said } = answer;
  return {
    status,
    url,
    contentType: said.get("content-type") ?? "",
    retryAfterMs: retryAfterMs(said),
    body,
    header: (name) => said.get(name),
    location: said.get("location"),
  };
}

async function readBody(
  answer: FetchAnswer,
  url: string,
  maxBytes: number,
  signal: AbortSignal,
  heard: () => void,
): Promise<string> {
  const tooLong = (): Error =>
    malformed(`${url} returned more than ${String(maxBytes)} bytes`, undefined, new BodyTooLong());
  if (Number(answer.headers.get("content-length") ?? 0) > maxBytes) throw tooLong();
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of answer.body ?? []) {
    signal.throwIfAborted();
    heard();
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

/** The answer, unless it says that it came from a port for https. */
function ofHttp(answer: Answer): Answer {
  const url = new URL(answer.url);
  if (url.protocol === "https:" || answer.status !== 400 || !wantsTls.test(answer.body)) return answer;
  throw malformed(`${answer.url} is served over https only`, `${useHttps(url)}.`);
}

function redirectTarget(from: string, { location }: Answer): string {
  const target = location !== null && URL.canParse(location, from) ? new URL(location, from) : undefined;
  const { origin, protocol, hostname } = new URL(from);
  if (target?.origin === origin && target.username + target.password === "") return target.href;
  if (target === undefined) throw malformed(`${from} redirects nowhere`);
  const refused = `${from} redirects to another origin, ${target.origin}, which is not followed`;
  if (protocol === "http:" && target.protocol === "https:" && target.hostname === hostname)
    throw malformed(refused, `Use ${target.origin} instead of ${origin} in the configured address.`);
  throw malformed(
    refused,
    `Configure an address at ${target.origin} if that is the server, or sign in to the network if it is a login page.`,
  );
}
