import { escapeControls, ImageSourceError, type CommitSha } from "@molecule/core";
import { proxyFailed, retryAfterMs, tlsFault } from "@molecule/node-edges";
import { quoteServerText } from "./quote-server-text.js";
import { conditions } from "./git-conditions.js";
import type { GitFailure } from "./git-session.js";
import { gitProxyFault } from "./git-proxy-fault.js";
import { gitSystemFault } from "./git-system-fault.js";
import type { RoutedRemote } from "./git-remote.js";

// fatal: remote error: upload-pack: not our ref 1111…
const commitGone = /^fatal: remote error: upload-pack: not our ref /m;
// error: Server does not allow request for unadvertised object 1111…
const commitHidden = /^error: Server does not allow request for unadvertised object /m;

/** Whether the server does not have, or no longer has, the commit requested by its hash. */
export function isCommitGone({ stderr }: GitFailure): boolean {
  return commitGone.test(stderr);
}

/** Whether the server serves only branch heads, and the commit is not one of them. */
export function isCommitHidden({ stderr }: GitFailure): boolean {
  return commitHidden.test(stderr);
}

const shownLines = 12;
const serverError = "fatal: remote error: ";

function linesOf({ stderr }: GitFailure): readonly string[] {
  return stderr.split(/[\r\n]+/).filter((line) => line !== "" && !/\d+% \(\d+\/\d+\)/.test(line));
}

function withoutServerText(lines: readonly string[]): string {
  return lines.filter((line) => !line.startsWith("remote: ") && !line.startsWith(serverError)).join("\n");
}

/** Facts for the error of a failed git. */
export interface GitFailureFacts {
  readonly remote: RoutedRemote;
  readonly commit: CommitSha | undefined;
  /** The directory that git wrote to. */
  readonly place: string;
}

/**
 * Whether the server, or the way to it, explains a failed fetch. Otherwise the repository that was fetched into may be
 * damaged.
 */
export function isServerFault(failure: GitFailure, { proxy }: RoutedRemote): boolean {
  // The helpers of a killed git report a broken connection.
  if (failure.exitCode === null) return false;
  const lines = linesOf(failure);
  const gitText = withoutServerText(lines);
  return (
    lines.some((line) => line.startsWith(serverError)) ||
    commitHidden.test(gitText) ||
    (proxy !== undefined && gitProxyFault(gitText, proxy) !== undefined) ||
    conditions.some(({ pattern }) => pattern.test(gitText))
  );
}

/** Returns git's own first error message, unescaped. */
export function gitReason(failure: GitFailure): string {
  return (
    withoutServerText(linesOf(failure))
      .split("\n")
      .find((line) => /^(?:fatal|error): /.test(line))
      ?.replace(/^(?:fatal|error): (?:unable to access '[^']*': )?/, "") ??
    `exit status ${String(failure.exitCode)}`
  );
}

/** Returns the typed error for a failed git. */
export function gitFailed(failure: GitFailure, { remote, commit, place }: GitFailureFacts): ImageSourceError {
  const lines = linesOf(failure);
  const output = escapeControls(lines.slice(-shownLines).join("\n"));
  const gitText = withoutServerText(lines);
  const where = `git ${failure.command}${commit === undefined ? "" : ` of ${commit}`} from ${remote.url}`;
  const systemFault = gitSystemFault(gitText, place, `${where} failed`);
  if (systemFault !== undefined) return systemFault.with({ output });

  const { url, proxy } = remote;
  const fault = proxy && gitProxyFault(gitText, proxy);
  if (proxy && fault) return proxyFailed(url, proxy, fault, { output });

  const serverText = serverTextOf(lines);
  const reason = gitReason(failure);
  // The message repeats the reason, so git's only line would be printed twice.
  const further = lines.length === 1 && lines[0]?.endsWith(reason) === true ? undefined : output;
  const tls = tlsFaultOf(gitText);
  if (tls !== undefined) {
    return new ImageSourceError({
      code: "SOURCE_UNREACHABLE",
      message: `${where} failed: ${tls.why} (${escapeControls(reason)})`,
      hint: tls.hint,
      output: further,
    });
  }
  const condition = conditions.find(({ pattern }) => pattern.test(gitText));
  const headers = failure.response?.headers;
  const location = headers?.get("location") ?? undefined;
  const isLimited = condition?.isTransient === true && /\b429\b/.test(reason);
  return new ImageSourceError({
    code: condition?.code ?? "CHECKOUT_FAILED",
    message: `${where} ${isLimited ? "is rate limited" : "failed"}: ${escapeControls(reason)}${escapeControls(quoteServerText(serverText))}`,
    hint:
      condition?.hint({ remote, serverText, location }) ??
      "Read git's output, then retry when the server works again.",
    transient:
      condition?.isTransient === true
        ? { afterMs: headers === undefined ? undefined : retryAfterMs(headers) }
        : undefined,
    again: condition?.again,
    output: further,
  });
}

// remote: Enumerating objects: 5, done. | remote: Total 5 (delta 0), reused 0 (delta 0), pack-reused 0
const progress = /^remote: (?:Enumerating|Counting|Compressing|Total) /;

/** Returns the server's own message: from a plain-text error page, or from the protocol. */
function serverTextOf(lines: readonly string[]): string {
  return lines
    .filter((line) => !progress.test(line))
    .flatMap((line) => /^(?:remote: |fatal: remote error: )(.*)$/.exec(line)?.[1] ?? [])
    .join(" ");
}

function tlsFaultOf(gitText: string): ReturnType<typeof tlsFault> {
  const [, url = "", message = ""] = /^fatal: unable to access '(https:[^']*)': (.*)$/m.exec(gitText) ?? [];
  return URL.canParse(url) ? tlsFault(new URL(url), undefined, message) : undefined;
}
