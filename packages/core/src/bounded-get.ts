import type { Fetch, FetchAnswer } from "./edges.js";
import { isImageSourceError } from "./errors.js";
import { broke, malformed, reason, unreachable } from "./fetch-failure.js";
import { retryAfterMs } from "./retry-after.js";
import { watchSilence } from "./watch-silence.js";

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

const isRedirect = (status: number): boolean => [301, 302, 303, 307, 308].includes(status);

/**
 * GETs a small text: bounded in bytes and in time, and never led to another origin. Follows one redirect.
 * A connection that broke is marked as transient; a server that is silent or not there is not, see docs/adr/0020.
 */
export async function boundedGet(
  fetch: Fetch,
  url: string,
  request: BoundedGetRequest,
): Promise<BoundedAnswer> {
  const deadline = AbortSignal.timeout(request.deadlineMs);
  const silence = watchSilence(request.idleMs ?? defaultIdleMs);
  // Ends the connection of a body that was not read to its end.
  const stop = new AbortController();
  const signal = AbortSignal.any([request.signal, deadline, silence.signal, stop.signal]);
  try {
    const first = await once(fetch, url, request, signal, silence.heard);
    if (!isRedirect(first.status)) return first;
    const second = await once(fetch, redirectTarget(url, first), request, signal, silence.heard);
    if (!isRedirect(second.status)) return second;
    throw malformed(`${url} redirects more than once`);
  } catch (error) {
    stop.abort();
    if (isImageSourceError(error)) throw error;
    if (request.signal.aborted) throw request.signal.reason;
    if (deadline.aborted)
      throw unreachable(url, `no whole answer within ${String(request.deadlineMs / 1000)} s`, error);
    if (silence.signal.aborted) throw unreachable(url, "it was silent for too long", error);
    throw unreachable(url, reason(error), error, broke(error) ? {} : undefined);
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
  const tooLong = (): Error => malformed(`${url} answers with more than ${String(maxBytes)} bytes`);
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

function redirectTarget(from: string, { location }: Answer): string {
  const target = location !== null && URL.canParse(location, from) ? new URL(location, from) : undefined;
  if (target?.origin === new URL(from).origin && target.username + target.password === "") return target.href;
  const where = target === undefined ? "nowhere" : `to another origin, ${target.origin}`;
  throw malformed(`${from} redirects ${where}, which is not followed`);
}
