import {
  escapeControls,
  ImageSourceError,
  isImageSourceError,
  linkAbort,
  type Env,
  type Log,
  type Store,
} from "@molecule/core";
import { envProxy, extraCertificates, systemBundle } from "@molecule/node-edges";
import { assertGit } from "./assert-git.js";
import { writeCertificateBundle } from "./certificate-bundle.js";
import { gitEnvironment } from "./git-environment.js";
import { gitFailed } from "./git-failure.js";
import { readGit } from "./git-process.js";
import { findGit } from "./git-program.js";
import type { GitRemote } from "./git-remote.js";
import { GitFailure, TooMuchOutput } from "./git-session.js";
import type { TracedResponse } from "./git-trace.js";
import { removeWorkDirectory } from "./remove-work-directory.js";

export interface ListRemoteRequest {
  readonly remote: GitRemote;
  /** Full names of refs, or `HEAD`. */
  readonly ref: string;
  readonly env: Env;
  /** For certificates, which git reads only from a file. Not touched if git's own suffice. */
  readonly store: Pick<Store, "workDirectory">;
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
  readonly log: Log;
}

/** A server's response about one ref. */
export interface ListedRef {
  /** Unchecked; undefined if the ref does not exist or points to nothing. */
  readonly sha: string | undefined;
  /** The ref that `HEAD` points to, if the server reports it. */
  readonly target: string | undefined;
}

/** The new URL of a repository that moved within its origin. */
export interface MovedTo {
  readonly movedTo: string;
}

/** No repository, so that git reads no configuration from one. */
const workingDirectory = "/";
/** Enough for the names and hashes of a few refs. */
const maxOutputBytes = 512 * 1024;

/**
 * Looks up one ref with a single git process. Writes only if git needs a bundle of certificates. Rejects with `TOOL_MISSING`,
 * `SOURCE_UNREACHABLE`, `SOURCE_DENIED`, `SOURCE_NOT_FOUND` or `SOURCE_MALFORMED`, or the signal's reason.
 */
export async function listRemote(request: ListRemoteRequest): Promise<ListedRef | MovedTo> {
  const { remote, ref, env } = request;
  const proxy = envProxy(env, new URL(remote.url));
  const { signal, abort, unlink } = linkAbort(request.signal);
  const late = new Error("the deadline has passed");
  const deadline = setTimeout(abort, request.deadlineMs, late);
  try {
    return await withCertificates(request, async (certificates) => {
      const program = findGit(env);
      const environment = {
        ...gitEnvironment({ env, remote, proxy, home: "/dev/null", certificates }),
        // git must not use a repository that happens to be in the working directory.
        GIT_DIR: "/dev/null",
      };
      const parts = { program, directory: workingDirectory, environment, signal };
      try {
        const args = ["ls-remote", "--symref", "--", remote.url, ref];
        const { stdout, response } = await readGit(parts, args, maxOutputBytes);
        const listed = parsed(stdout.toString("utf8"), ref);
        if (listed.sha === undefined) refuseOtherServer(remote, response);
        return listed;
      } catch (error) {
        if (!(error instanceof GitFailure)) throw error;
        if (error instanceof TooMuchOutput) throw malformed(remote, "it sent more than 512 KiB");
        const movedTo = redirection(error, remote);
        if (movedTo !== undefined) return { movedTo };
        // An old git does not read its configuration from the environment, and fails for other reasons.
        await assertGit(parts);
        throw asLookUp(
          gitFailed(error, {
            remote: { ...remote, proxy },
            commit: undefined,
            place: workingDirectory,
          }),
        );
      }
    });
  } catch (error) {
    if (signal.reason !== late || isImageSourceError(error)) throw error;
    throw new ImageSourceError({
      code: "SOURCE_UNREACHABLE",
      message: `${remote.url} cannot be reached: no complete response within ${String(request.deadlineMs / 1000)} s`,
      hint: "Check that the server is up, the address is right and a proxy, if any, is configured.",
      cause: error,
    });
  } finally {
    clearTimeout(deadline);
    unlink();
  }
}

/** Writes nothing if git's own certificates suffice, so that a lookup needs no disk. */
async function withCertificates<T>(
  { env, store, log }: ListRemoteRequest,
  work: (certificates: string | undefined) => Promise<T>,
): Promise<T> {
  const [extra, system] = await Promise.all([extraCertificates(env), systemBundle()]);
  if (extra === undefined && system !== undefined) return work(undefined);
  const directory = await store.workDirectory(".look-ups/certificates");
  try {
    return await work(await writeCertificateBundle(directory, env));
  } finally {
    await removeWorkDirectory(directory, log);
  }
}

/** git takes any web page for a repository without refs. */
function refuseOtherServer(remote: GitRemote, response: TracedResponse | undefined): void {
  const type = response?.headers.get("content-type") ?? "no content type";
  if (type.startsWith("application/x-git-upload-pack-")) return;
  throw malformed(remote, `it is not git over HTTP (${escapeControls(type)})`);
}

/** Ignores other refs: git matches the end of a name. */
function parsed(output: string, ref: string): ListedRef {
  let sha: string | undefined;
  let target: string | undefined;
  for (const line of output.split("\n")) {
    const [what = "", name] = line.split("\t");
    if (name !== ref) continue;
    if (what.startsWith("ref: ")) target = what.slice("ref: ".length);
    else sha ??= what;
  }
  return { sha, target };
}

const redirects: readonly number[] = [301, 302, 303, 307, 308];
const service = /\/info\/refs$/;

/** Returns the new URL if the server redirects to another repository of the same origin. */
function redirection({ response }: GitFailure, { url }: GitRemote): string | undefined {
  const location = response?.headers.get("location") ?? null;
  if (response === undefined || !redirects.includes(response.status) || location === null) return undefined;
  if (!URL.canParse(location, `${url}/info/refs`)) return undefined;
  const target = new URL(location, `${url}/info/refs`);
  const { origin } = new URL(url);
  const isPlain = target.username + target.password === "" && target.hash === "";
  if (target.origin !== origin || !isPlain || !service.test(target.pathname)) return undefined;
  return `${origin}${target.pathname.replace(service, "")}`;
}

/** Before a fetch, a failed checkout means that the server is wrong. */
function asLookUp(error: ImageSourceError): ImageSourceError {
  if (error.code !== "CHECKOUT_FAILED") return error;
  const { message, hint, output, cause } = error;
  return new ImageSourceError({
    code: "SOURCE_MALFORMED",
    message,
    hint,
    output: output ?? undefined,
    cause,
  });
}

function malformed({ url }: GitRemote, why: string): ImageSourceError {
  return new ImageSourceError({
    code: "SOURCE_MALFORMED",
    message: `git at ${url} cannot be read: ${why}`,
    hint: "Check the address of the template: it must lead to git over HTTP, with no login page in front of it.",
  });
}
