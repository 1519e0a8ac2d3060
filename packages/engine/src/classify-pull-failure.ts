import { ImageSourceError, type ErrorCode } from "@molecule/core";
import { engineFull } from "./engine-errors.js";
import { oneLine } from "./one-line.js";

interface Row {
  /** Matches the whole text, or its beginning, as the engine writes it. */
  readonly pattern: RegExp;
  /** The answers of a registry that mean the same, where the text has one. */
  readonly statuses?: RegExp;
  readonly code: ErrorCode;
  /** What happened, after the reference. */
  readonly what: string;
  readonly hint: string;
  /** Which of these texts tell of what may pass by itself. */
  readonly passes?: RegExp;
}

const logIn = "Log in there with `docker login`; credentials are found where the docker CLI finds them.";
const where = "Check the reference; the repository or the tag may have been renamed or not pushed yet.";
const up = "Check that the registry is up and reachable from the engine, then call again.";
const slow = "Wait a while, then call again; registries often let those do more who log in.";
const sound = "Push the image again; what the registry holds is damaged or rewritten on the way.";
const written = "Write [HOST[:PORT]/]PATH[:TAG][@DIGEST], the path in lower case.";
const platform = "Ask for a platform that the image is published for, or publish it for this one.";

// no matching manifest for linux/amd64 in the manifest list entries · BuildKit: no match for platform in manifest …
// Podman: no image found in manifest list for architecture amd64, variant "", OS linux
const noPlatform: Row = {
  pattern:
    /^no matching manifest for|(?:^|: )no match for platform in manifest|^image with reference .* does not (?:match|provide) the specified platform|no image found in (?:manifest list|image index) for/,
  code: "SOURCE_MISMATCH",
  what: "is not published for this platform",
  hint: platform,
};

/*
 * The engine puts every failure of a registry into a text, most of them behind status 500 or, Podman, 200. Beside each
 * pattern stands the text that was measured (dockerd 20.10.24, classic pull; "BuildKit", "Podman" (4.3.1) where those
 * differ), without its wrappings.
 */
const rows: readonly Row[] = [
  // manifest for 127.0.0.1:5977/org/x:nosuchtag not found: manifest unknown: manifest unknown
  // manifest unknown · name unknown (behind a proxy) · BuildKit: 127.0.0.1:5977/org/x:nosuchtag: not found
  // error parsing HTTP 404 response body: invalid character '<' …
  {
    pattern:
      /^manifest for \S+ not found|^manifest unknown|^(?:repository )?name (?:not known|unknown)|^[^\s"]+: not found$/,
    statuses: /^404$/,
    code: "SOURCE_NOT_FOUND",
    what: "is not in the registry",
    hint: where,
  },
  // pull access denied for x, repository does not exist or may require 'docker login': denied: …
  {
    pattern: /^pull access denied|: pull access denied/,
    code: "SOURCE_DENIED",
    what: "is not there, or not for this user",
    hint: logIn,
  },
  // denied · denied: requested access to the resource is denied · error parsing HTTP 403 response body: …
  // Podman: StatusCode: 403, <html>… · invalid status code from registry 403 (Forbidden)
  {
    pattern: /^denied\b|^access forbidden/,
    statuses: /^403$/,
    code: "SOURCE_DENIED",
    what: "is forbidden to this user by the registry",
    hint: logIn,
  },
  // unauthorized · unauthorized: authentication required · unauthorized: incorrect username or password
  // no basic auth credentials · BuildKit: … 401 Unauthorized
  {
    pattern: /^unauthorized\b|^no basic auth credentials$|authorization failed/i,
    statuses: /^401$/,
    code: "SOURCE_DENIED",
    what: "needs credentials that the registry accepts",
    hint: logIn,
  },
  // toomanyrequests: slow down · BuildKit: … 429 Too Many Requests
  // error parsing HTTP 429 response body: no error details found in HTTP response body: "{}"
  {
    pattern: /^toomanyrequests\b/,
    statuses: /^429$/,
    code: "SOURCE_UNREACHABLE",
    what: "is rate-limited by the registry",
    hint: slow,
    passes: /^/,
  },
  // filesystem layer verification failed for digest sha256:13ec…
  {
    pattern:
      /^filesystem layer verification failed|^manifest verification failed|^image verification failed|digest mismatch/,
    code: "SOURCE_MISMATCH",
    what: "does not match its digest",
    hint: sound,
  },
  noPlatform,
  // unknown blob
  {
    pattern: /^unknown blob|^blob unknown/,
    code: "SOURCE_MALFORMED",
    what: "is incomplete in the registry",
    hint: sound,
  },
  // invalid character 'n' looking for beginning of object key string
  // error unmarshalling content: invalid character '<' looking for beginning of value
  {
    pattern:
      /^(?:error unmarshalling content: )?invalid character |^unsupported (?:manifest|media)|^unexpected end of JSON input|^mediaType in manifest/,
    code: "SOURCE_MALFORMED",
    what: "is described by the registry in a way that cannot be read",
    hint: sound,
  },
  // invalid reference format: repository name must be lowercase · invalid tag format
  {
    pattern: /^invalid (?:reference|tag) format/,
    code: "CONFIG_INVALID",
    what: "is no image reference",
    hint: written,
  },
  // Get "http://…": dial tcp 127.0.0.1:1: connect: connection refused · … no such host · Head "…": EOF · unexpected EOF
  // received unexpected HTTP status: 503 Service Unavailable · … http: server gave HTTP response to HTTPS client
  // … net/http: TLS handshake timeout · … x509: certificate signed by unknown authority · … i/o timeout
  // BuildKit: Head "…": dial tcp … · unexpected status code […]: 503 Service Unavailable
  // Podman: invalid status code from registry 502 (Bad Gateway)
  {
    pattern:
      /^(?:Get|Head|Post) "|^received unexpected HTTP status|^unexpected status(?: code| from)|\bEOF$|^dial tcp|^(?:net\/)?https?:|i\/o timeout$|^read tcp|^x509:/,
    statuses: /^5\d\d$/,
    code: "SOURCE_UNREACHABLE",
    what: "cannot be fetched from its registry",
    hint: up,
    // Neither a wrong address nor a certificate: what had answered and broke off, or says that it cannot just now.
    passes:
      /(?:HTTP |StatusCode: |from registry |: )5\d\d\b|\bEOF$|connection reset by peer$|broken pipe$|TLS handshake timeout$|i\/o timeout$|server closed idle connection$/,
  },
];

/** Where the builder was when the text came up, and what Podman puts before a registry's answer. */
const wrappings =
  /^(?:failed to solve(?: with frontend \S+)?: |creating build container: |failed to create LLB definition: |failed to load cache key: |invalid from flag value \S+: |rpc error: code = \S+ desc = |failed to do request: |failed to copy: |error pulling image configuration: |initializing (?:image from )?source \S+: |reading manifest \S+ in \S+: |choosing an image from manifest list \S+: |unable to retrieve auth token: |invalid username\/password: |Requesting bearer token: |pinging container registry \S+: |trying to reuse blob \S+ at destination: |checking whether a blob \S+ exists in \S+: |writing manifest: |initiating layer upload to \S+ in \S+: |uploading manifest \S+ to \S+: |(?:copying system image|writing blob)[^:]*: |Error response from daemon: )+/i;

/** Docker names the request before some of the answers, and before all that goes wrong on the way. */
const request = /^(?:Get|Head|Post) "[^"]*": /;

/** The number of a registry's answer, in the ways in which engines write it. */
const status =
  /^(?:error parsing HTTP |StatusCode: |invalid status code from registry |(?:received )?unexpected (?:HTTP )?status\b.*?: )(\d{3})\b|: (\d{3}) [A-Z][A-Za-z ]+$/;

/** The text without what stands before the registry's answer. Podman puts what a build said behind it. */
function bareText(text: string): string {
  const [first = ""] = text
    .trim()
    .replace(/\berrors:\n/, "")
    .split("\n", 1);
  return first.replace(wrappings, "");
}

function rowOf(text: string): Row | undefined {
  const bare = bareText(text);
  const answer = bare.replace(request, "");
  const [, parsed, ending] = status.exec(answer) ?? [];
  const number = parsed ?? ending ?? "";
  return rows.find(
    ({ pattern, statuses }) => statuses?.test(number) === true || pattern.test(answer) || pattern.test(bare),
  );
}

/** Whether the image is there, but not for the platform that was asked for. */
export function saysNoSuchPlatform(text: string): boolean {
  return rowOf(text) === noPlatform;
}

/**
 * What a failed pull means, by the engine's text; undefined when the text is none of the known ones.
 * @param reference the image, or how a build names what it fetched
 */
export function classifyPullFailure(
  text: string,
  reference: string,
  cause: unknown,
): ImageSourceError | undefined {
  const found = rowOf(text);
  if (found === undefined) return undefined;
  const { code, what, hint, passes } = found;
  const transient = passes?.test(bareText(text)) === true ? {} : undefined;
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
  const { text, status: answered } = failure;
  const made = (code: ErrorCode, what: string, hint: string): ImageSourceError =>
    new ImageSourceError({ code, message: `${reference} ${what}: ${oneLine(text)}`, hint, cause });
  return (
    engineFull(address, text, cause) ??
    classifyPullFailure(text, reference, cause) ??
    (answered === 404 ? made("SOURCE_NOT_FOUND", "is not in the registry", where) : undefined) ??
    (answered === 400 ? made("CONFIG_INVALID", "cannot be asked for", written) : undefined) ??
    made("SOURCE_UNREACHABLE", "cannot be pulled", up)
  );
}
