import { ImageSourceError, type ErrorCode } from "@molecule/core";
import { engineFull } from "./engine-errors.js";
import { oneLine } from "./one-line.js";

interface Row {
  /** Matches the whole text, or its beginning, as the engine writes it. */
  readonly pattern: RegExp;
  readonly code: ErrorCode;
  /** What happened, after the reference. */
  readonly what: string;
  readonly hint: string;
  /** Which of these texts tell of what may pass by itself. */
  readonly passes?: RegExp;
}

const whoIs =
  "This version pulls without credentials: make the repository readable, or pull the image with docker first.";
const where = "Check the reference; the repository or the tag may have been renamed or not pushed yet.";
const up = "Check that the registry is up and reachable from the engine, then call again.";
const slow = "Wait a while, then call again.";
const sound = "Push the image again; what the registry holds is damaged or rewritten on the way.";
const written = "Write [HOST[:PORT]/]PATH[:TAG][@DIGEST], the path in lower case.";
const platform = "Ask for a platform that the image is published for, or publish it for this one.";

/*
 * The engine puts every failure of a registry into a text, most of them behind status 500. Beside each pattern stands
 * the text that was measured (dockerd 20.10.24, classic pull; "BuildKit" where that differs).
 */
const rows: readonly Row[] = [
  // manifest for 127.0.0.1:5977/org/x:nosuchtag not found: manifest unknown: manifest unknown
  // manifest unknown · name unknown (behind a proxy) · BuildKit: 127.0.0.1:5977/org/x:nosuchtag: not found
  row(
    /^manifest for \S+ not found|^manifest unknown|^(?:repository )?name (?:not known|unknown)|^[^\s"]+: not found$/,
    "SOURCE_NOT_FOUND",
    "is not in the registry",
    where,
  ),
  // denied · pull access denied for x, repository does not exist or may require 'docker login': denied: …
  row(
    /^denied\b|^(?:pull access denied|access forbidden)|: pull access denied/,
    "SOURCE_DENIED",
    "is refused by the registry",
    whoIs,
  ),
  // unauthorized · unauthorized: authentication required · Head "…": no basic auth credentials · BuildKit: … 401 Unauthorized
  row(
    /^unauthorized\b|\bno basic auth credentials$|: 40[13] (?:Unauthorized|Forbidden)$|authorization failed/i,
    "SOURCE_DENIED",
    "is refused by the registry",
    whoIs,
  ),
  // toomanyrequests: slow down · BuildKit: … 429 Too Many Requests
  // error parsing HTTP 429 response body: no error details found in HTTP response body: "{}"
  row(
    /^toomanyrequests\b|: 429 Too Many Requests|^error parsing HTTP 429 response body: /,
    "SOURCE_UNREACHABLE",
    "is rate-limited by the registry",
    slow,
    /^/,
  ),
  // filesystem layer verification failed for digest sha256:13ec…
  row(
    /^filesystem layer verification failed|^manifest verification failed|^image verification failed|digest mismatch/,
    "SOURCE_MISMATCH",
    "does not match its digest",
    sound,
  ),
  // no matching manifest for linux/amd64 in the manifest list entries · BuildKit: no match for platform in manifest …
  row(
    /^no matching manifest for|: no match for platform in manifest|^image with reference .* does not match the specified platform/,
    "SOURCE_MISMATCH",
    "is not published for this platform",
    platform,
  ),
  // unknown blob
  row(/^unknown blob|^blob unknown/, "SOURCE_MALFORMED", "is incomplete in the registry", sound),
  // invalid character 'n' looking for beginning of object key string
  row(
    /^invalid character |^unsupported (?:manifest|media)|^unexpected end of JSON input|^mediaType in manifest/,
    "SOURCE_MALFORMED",
    "is described by the registry in a way that cannot be read",
    sound,
  ),
  // invalid reference format: repository name must be lowercase · invalid tag format
  row(/^invalid (?:reference|tag) format/, "CONFIG_INVALID", "is no image reference", written),
  // Get "http://…": dial tcp 127.0.0.1:1: connect: connection refused · … no such host · Head "…": EOF · unexpected EOF
  // received unexpected HTTP status: 503 Service Unavailable · … http: server gave HTTP response to HTTPS client
  // … net/http: TLS handshake timeout · … x509: certificate signed by unknown authority · … i/o timeout
  // BuildKit: Head "…": dial tcp … · unexpected status code […]: 503 Service Unavailable
  row(
    /^(?:Get|Head|Post) "|^received unexpected HTTP status|^unexpected status(?: code| from)|\bEOF$|^dial tcp|^(?:net\/)?https?:|i\/o timeout$|^read tcp|^x509:/,
    "SOURCE_UNREACHABLE",
    "cannot be fetched from its registry",
    up,
    // Neither a wrong address nor a certificate: what had answered and broke off, or says that it cannot just now.
    /\b(?:429|5\d\d) [A-Z]|\bEOF$|connection reset by peer$|broken pipe$|TLS handshake timeout$|i\/o timeout$|server closed idle connection$/,
  ),
];

function row(pattern: RegExp, code: ErrorCode, what: string, hint: string, passes?: RegExp): Row {
  return { pattern, code, what, hint, ...(passes === undefined ? {} : { passes }) };
}

/** Where BuildKit was when the text came up, and what Podman puts before a registry's answer. */
const wrappings =
  /^(?:failed to solve(?: with frontend \S+)?: |creating build container: |failed to create LLB definition: |rpc error: code = \S+ desc = |failed to do request: |failed to copy: |error pulling image configuration: |initializing source \S+: |reading manifest \S+ in \S+: |pinging container registry \S+: |(?:copying system image|writing blob)[^:]*: |Error response from daemon: )+/i;

/**
 * What a failed pull means, by the engine's text; undefined when the text is none of the known ones.
 * @param reference the image, or how a build names what it fetched
 */
export function classifyPullFailure(
  text: string,
  reference: string,
  cause: unknown,
): ImageSourceError | undefined {
  // Podman puts what the build said behind it.
  const [first = ""] = text.trim().split("\n", 1);
  const bare = first.replace(wrappings, "");
  const found = rows.find(({ pattern }) => pattern.test(bare));
  if (found === undefined) return undefined;
  const { code, what, hint, passes } = found;
  const transient = passes?.test(bare) === true ? {} : undefined;
  return new ImageSourceError({
    code,
    message: `${reference} ${what}: ${oneLine(text)}`,
    hint,
    cause,
    transient,
  });
}

/** What a failed pull means, whatever the text: what is not known is taken as the registry's trouble. */
export function pullFailure(
  failure: { readonly text: string; readonly status?: number },
  { reference, address }: { readonly reference: string; readonly address: string },
  cause: unknown,
): ImageSourceError {
  const { text, status } = failure;
  const made = (code: ErrorCode, what: string, hint: string): ImageSourceError =>
    new ImageSourceError({ code, message: `${reference} ${what}: ${oneLine(text)}`, hint, cause });
  return (
    engineFull(address, text, cause) ??
    classifyPullFailure(text, reference, cause) ??
    (status === 404 ? made("SOURCE_NOT_FOUND", "is not in the registry", where) : undefined) ??
    (status === 400 ? made("CONFIG_INVALID", "cannot be asked for", written) : undefined) ??
    made("SOURCE_UNREACHABLE", "cannot be pulled", up)
  );
}
