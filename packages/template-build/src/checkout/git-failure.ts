import {
  escapeControls,
  ImageSourceError,
  proxyFailed,
  storageUnusable,
  type CommitSha,
  type ErrorCode,
} from "@molecule/core";
import type { GitFailure } from "./git-session.js";
import { gitProxyFault } from "./git-proxy-fault.js";
import type { RoutedRemote } from "./git-remote.js";

/*
 * git has one exit status, 128, for whatever goes wrong: what it was stands only in its words. These are the words
 * of git 2.39.5 with LC_ALL=C; what varies is in the capturing groups. Lines of the server are never looked at.
 */

interface Condition {
  readonly words: RegExp;
  readonly code: ErrorCode;
  readonly hint: string;
  /** It may pass by itself: the server said so, or had answered before the connection broke. */
  readonly isTransient?: true;
}

const token = "MOLECULE_GITEA_TOKEN";
const denied = `Set ${token} to a token that may read the repository.`;
const down = "Check that the server is up, the address is right and a proxy, if any, is configured.";

const conditions: readonly Condition[] = [
  // fatal: could not read Username for 'http://127.0.0.1:45759': terminal prompts disabled
  { words: /^fatal: could not read (?:Username|Password) for /m, code: "SOURCE_DENIED", hint: denied },
  // fatal: Authentication failed for 'http://127.0.0.1:45759/401/r.git/'
  { words: /^fatal: Authentication failed for /m, code: "SOURCE_DENIED", hint: denied },
  // fatal: unable to access 'http://127.0.0.1:45759/403/r.git/': The requested URL returned error: 403
  {
    words: /^fatal: unable to access '.*': The requested URL returned error: 40[13]$/m,
    code: "SOURCE_DENIED",
    hint: denied,
  },
  // fatal: repository 'http://127.0.0.1:45759/404/r.git/' not found
  {
    words: /^fatal: repository '.*' not found$/m,
    code: "SOURCE_NOT_FOUND",
    hint: `Check that the template is mirrored there; a private one needs ${token}.`,
  },
  // fatal: unable to access 'http://127.0.0.1:45759/301/r.git/': The requested URL returned error: 301
  {
    words: /^fatal: unable to access '.*': The requested URL returned error: 3\d\d$/m,
    code: "CHECKOUT_FAILED",
    hint: "The server redirects, which is not followed with credentials at stake: configure the address it redirects to.",
  },
  // fatal: unable to access 'https://…/': server certificate verification failed. CAfile: none CRLfile: none (GnuTLS)
  // fatal: unable to access 'https://…/': SSL certificate problem: self-signed certificate (OpenSSL)
  {
    words:
      /^fatal: unable to access '.*': (?:server certificate verification failed|SSL certificate problem)/m,
    code: "SOURCE_UNREACHABLE",
    hint: "Name the file with the server's certificate authority in NODE_EXTRA_CA_CERTS.",
  },
  // fatal: unable to access 'http://…/': The requested URL returned error: 503
  // fatal: unable to access 'http://…/': Recv failure: Connection reset by peer | Empty reply from server | …
  // fatal: unable to access 'http://…/': Operation too slow. Less than 1000 bytes/sec transferred the last 3 seconds
  {
    words:
      /^fatal: unable to access '.*': (?:The requested URL returned error: (?:429|5\d\d)$|Recv failure|Send failure|Empty reply from server|transfer closed |Operation too slow|Operation timed out after )/m,
    code: "SOURCE_UNREACHABLE",
    hint: down,
    isTransient: true,
  },
  // fatal: unable to access 'http://…/': Couldn't connect to server | Could not resolve host: … | …
  { words: /^fatal: unable to access '/m, code: "SOURCE_UNREACHABLE", hint: down },
  // error: RPC failed; HTTP 403 curl 22 The requested URL returned error: 403
  {
    words: /^error: RPC failed; HTTP (?!429 |5\d\d )/m,
    code: "SOURCE_UNREACHABLE",
    hint: down,
  },
  // error: RPC failed; HTTP 502 curl 22 The requested URL returned error: 502
  // error: RPC failed; curl 56 Recv failure: Connection reset by peer
  // fatal: the remote end hung up unexpectedly | fatal: early EOF
  {
    words: /^(?:error: RPC failed; |fatal: the remote end hung up |fatal: early EOF$)/m,
    code: "SOURCE_UNREACHABLE",
    hint: down,
    isTransient: true,
  },
];

// fatal: unable to write loose object file: No space left on device
// error: unable to write file big
// /home/…/.git: Read-only file system
const storage =
  /: (No space left on device|Disk quota exceeded|Read-only file system|Permission denied|File too large|Input\/output error)$|^error: (unable to write file) |write error\. (Out of diskspace)$/m;

// fatal: remote error: upload-pack: not our ref 1111…
// error: Server does not allow request for unadvertised object 1111…
const commitRefused =
  /^(?:fatal: remote error: upload-pack: not our ref |error: Server does not allow request for unadvertised object )/m;

/** Whether the server refused to give out the commit that was asked for by its hash. */
export function isCommitRefused({ stderr }: GitFailure): boolean {
  return commitRefused.test(stderr);
}

const shownLines = 12;

/** What a git that failed means. `place` is where it wrote, `step` what it did. */
export function gitFailed(
  failure: GitFailure,
  { remote, commit, place, step }: { remote: RoutedRemote; commit: CommitSha; place: string; step: string },
): ImageSourceError {
  const lines = failure.stderr
    .split(/[\r\n]+/)
    .filter((line) => line !== "" && !/\d+% \(\d+\/\d+\)/.test(line));
  const output = escapeControls(lines.slice(-shownLines).join("\n"));
  const own = lines.filter((line) => !/^remote: |^fatal: remote error: /.test(line)).join("\n");
  const where = `git ${step} of ${commit} from ${remote.url}`;
  const full = storage.exec(own);
  if (full !== null)
    return storageUnusable(place, `${where} says: ${full.slice(1).find((words) => words) ?? ""}`).with({
      output,
    });

  const { url, proxy } = remote;
  const fault = proxy && gitProxyFault(own, proxy);
  if (proxy && fault) return proxyFailed(url, proxy, fault, { output });

  const condition = conditions.find(({ words }) => words.test(own));
  const [reason = `it ended with ${String(failure.exitCode)}`] = own
    .split("\n")
    .filter((line) => /^(?:fatal|error): /.test(line));
  return new ImageSourceError({
    code: condition?.code ?? "CHECKOUT_FAILED",
    message: `${where} failed: ${escapeControls(reason)}`,
    hint: condition?.hint ?? "Read what git says; call again when the server is in order.",
    transient: condition?.isTransient === true ? {} : undefined,
    output,
  });
}
