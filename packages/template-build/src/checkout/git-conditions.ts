import type { ErrorCode } from "@molecule/core";
import type { GitRemote } from "./git-remote.js";

/*
 * git exits with status 128 for every failure, so only its messages tell them apart. These are the messages of git 2.39.5
 * with LC_ALL=C. Lines from the server are never compared.
 */

/** The facts that a hint depends on. */
export interface HintFacts {
  readonly remote: GitRemote;
  /** The server's own message; empty if there is none. */
  readonly serverText: string;
  /** Where the server redirects to. */
  readonly location: string | undefined;
}

/** A failure that git's messages reveal. */
export interface Condition {
  readonly pattern: RegExp;
  readonly code: ErrorCode;
  readonly hint: (facts: HintFacts) => string;
  /** May be temporary: the server reported it as such, the connection broke, or it was refused. */
  readonly isTransient?: true;
  /** The repository may have been renamed or removed since the lookup, so it must be looked up again. */
  readonly again?: true;
}

/** The API accepted the same credentials a moment ago. */
export const deniedHint = ({ remote, serverText }: HintFacts): string => {
  if (/HTTP protocol is not allowed/i.test(serverText))
    return "Enable git over HTTP on the forge (Gitea: DISABLE_HTTP_GIT = false in [repository] of app.ini).";
  return remote.authorization === undefined
    ? `Set ${remote.tokenVariable} to a token that may read the repository, or allow git over HTTP without one on the forge.`
    : `Check that the token in ${remote.tokenVariable} has the scope read:repository, and that the forge allows git over HTTP with it.`;
};

export const notFoundHint = ({ remote }: HintFacts): string =>
  remote.authorization === undefined
    ? `Check that the template is mirrored there; a private one needs ${remote.tokenVariable}.`
    : `Check that the template is mirrored there; the token in ${remote.tokenVariable} may lack access to it.`;

export const redirectedHint = ({ remote, location }: HintFacts): string => {
  const { origin } = new URL(remote.url);
  if (location === undefined || !URL.canParse(location, remote.url))
    return "Configure the address that the server redirects git to: git follows no redirects, to protect credentials.";
  const target = new URL(location, remote.url);
  return target.origin === origin
    ? `Configure the repository's new address, ${target.pathname.replace(/(?:\.git)?\/info\/refs$/, "")} on ${origin}: git follows no redirects, to protect credentials.`
    : `Use ${target.origin} instead of ${origin} in the template repository prefix: git follows no redirects, to protect credentials.`;
};

const down = (): string =>
  "Check that the server is up, the address is right and a proxy, if any, is configured.";
const overHttps = ({ remote }: HintFacts): string =>
  remote.url.startsWith("http:")
    ? `If ${new URL(remote.url).host} serves https, use https:// in the template repository prefix.`
    : down();
const wait = (): string => "Wait, then retry; with many runtimes or hosts, raise the forge's limit.";
const otherServer = (): string =>
  "Check the template repository prefix: it must lead to git over HTTP, with no login page in front of it.";

export const conditions: readonly Condition[] = [
  // fatal: could not read Username for 'http://127.0.0.1:45759': terminal prompts disabled
  { pattern: /^fatal: could not read (?:Username|Password) for /m, code: "SOURCE_DENIED", hint: deniedHint },
  // fatal: Authentication failed for 'http://127.0.0.1:45759/401/r.git/'
  { pattern: /^fatal: Authentication failed for /m, code: "SOURCE_DENIED", hint: deniedHint },
  // fatal: unable to access 'http://127.0.0.1:45759/403/r.git/': The requested URL returned error: 403
  // error: RPC failed; HTTP 403 curl 22 The requested URL returned error: 403
  {
    pattern:
      /^fatal: unable to access '.*': The requested URL returned error: 40[13]$|^error: RPC failed; HTTP 40[13] /m,
    code: "SOURCE_DENIED",
    hint: deniedHint,
  },
  // fatal: repository 'http://127.0.0.1:45759/404/r.git/' not found
  // error: RPC failed; HTTP 404 curl 22 The requested URL returned error: 404
  {
    pattern: /^fatal: repository '.*' not found$|^error: RPC failed; HTTP 404 /m,
    code: "SOURCE_NOT_FOUND",
    hint: notFoundHint,
    again: true,
  },
  // fatal: couldn't find remote ref refs/heads/main
  {
    pattern: /^fatal: couldn't find remote ref /m,
    code: "CHECKOUT_FAILED",
    hint: () => "Check that the branch exists: it may have been renamed since the lookup. Then retry.",
    again: true,
  },
  // fatal: unable to access 'http://127.0.0.1:45759/301/r.git/': The requested URL returned error: 301
  {
    pattern:
      /^fatal: unable to access '.*': The requested URL returned error: 3\d\d$|^error: RPC failed; HTTP 3\d\d /m,
    code: "CHECKOUT_FAILED",
    hint: redirectedHint,
    again: true,
  },
  // fatal: dumb http transport does not support shallow capabilities (a page of HTML with status 200)
  {
    pattern:
      /^fatal: dumb http transport does not support |^fatal: .* not valid: is this a git repository\?$/m,
    code: "CHECKOUT_FAILED",
    hint: otherServer,
  },
  // fatal: unable to access 'http://…/': The requested URL returned error: 429
  // error: RPC failed; HTTP 429 curl 22 The requested URL returned error: 429
  {
    pattern:
      /^fatal: unable to access '.*': The requested URL returned error: 429$|^error: RPC failed; HTTP 429 /m,
    code: "SOURCE_UNREACHABLE",
    hint: wait,
    isTransient: true,
  },
  // fatal: unable to access 'http://…/': The requested URL returned error: 503
  // fatal: unable to access 'http://…/': Recv failure: Connection reset by peer | Empty reply from server | …
  // fatal: unable to access 'http://…/': Operation too slow. Less than 1000 bytes/sec transferred the last 3 seconds
  {
    pattern:
      /^fatal: unable to access '.*': (?:The requested URL returned error: (?:408|5\d\d)$|Recv failure|Send failure|Empty reply from server|transfer closed |Operation too slow|Operation timed out after |GnuTLS recv error \((?:-54|-110)\))/m,
    code: "SOURCE_UNREACHABLE",
    hint: down,
    isTransient: true,
  },
  // fatal: unable to access 'http://…/': Received HTTP/0.9 when not allowed | The requested URL returned error: 400
  {
    pattern:
      /^fatal: unable to access '.*': (?:Received HTTP\/0\.9 when not allowed|The requested URL returned error: 400$)/m,
    code: "SOURCE_UNREACHABLE",
    hint: overHttps,
  },
  // fatal: unable to access 'http://…/': Failed to connect to 127.0.0.1 port 1 after 0 ms: Couldn't connect to server
  // curl 8.15: … after 0 ms: Could not connect to server; it also prints this for a timeout, after more than a second
  {
    pattern:
      /^fatal: unable to access '.*': Failed to connect to \S+ port \d+ after \d{1,3} ms: (?:Couldn't|Could not) connect to server$/m,
    code: "SOURCE_UNREACHABLE",
    hint: down,
    isTransient: true,
  },
  // fatal: unable to access 'http://…/': Could not resolve host: … | …
  { pattern: /^fatal: unable to access '/m, code: "SOURCE_UNREACHABLE", hint: down },
  {
    pattern: /^error: RPC failed; HTTP (?!408 |5\d\d )/m,
    code: "SOURCE_UNREACHABLE",
    hint: down,
  },
  // error: RPC failed; HTTP 502 curl 22 The requested URL returned error: 502
  // error: RPC failed; curl 56 Recv failure: Connection reset by peer
  // fatal: the remote end hung up unexpectedly | fatal: early EOF
  {
    pattern: /^(?:error: RPC failed; |fatal: the remote end hung up |fatal: early EOF$)/m,
    code: "SOURCE_UNREACHABLE",
    hint: down,
    isTransient: true,
  },
];
