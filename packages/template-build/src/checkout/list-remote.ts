import { join } from "node:path";
import { escapeControls, ImageSourceError, isImageSourceError, type Env } from "@molecule/core";
import { envProxy, extraCertificates, systemCertificates } from "@molecule/node-edges";
import { writeCertificateBundle } from "./certificate-bundle.js";
import { gitEnvironment } from "./git-environment.js";
import { gitFailed } from "./git-failure.js";
import { assertGitVersion, findGit } from "./git-program.js";
import type { GitRemote } from "./git-remote.js";
import { GitFailure, openGitSession, TooMuchOutput, type GitSession } from "./git-session.js";
import { splitTrace } from "./git-trace.js";
import { makeWorkDirectory } from "./work-directory.js";

export interface ListRemoteRequest {
  readonly remote: GitRemote;
  /** Full names of refs, or `HEAD`. */
  readonly ref: string;
  readonly env: Env;
  /** A directory for certificates, which git reads only from a file. Not touched if git's own suffice. */
  readonly cacheDir: string;
  /** The highest directory above `cacheDir` that must be the user's own. */
  readonly base: string;
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
}

/** What a server says about one ref. */
export interface ListedRef {
  /** Unchecked; undefined: there is no such ref, or it leads to nothing. */
  readonly sha: string | undefined;
  /** The ref that `HEAD` points to, if the server says so. */
  readonly target: string | undefined;
}

/** A repository that the server has moved to another path of the same origin. */
export interface MovedTo {
  readonly movedTo: string;
}

/** Names and hashes of a few refs, and git's trace of two or three requests. */
const maxOutputBytes = 512 * 1024;

/**
 * Asks a server for one ref, with one git and without touching the disk. Rejects with `TOOL_MISSING`,
 * `SOURCE_UNREACHABLE`, `SOURCE_DENIED`, `SOURCE_NOT_FOUND` or `SOURCE_MALFORMED`, or the signal's reason.
 */
export async function listRemote(request: ListRemoteRequest): Promise<ListedRef | MovedTo> {
  const { remote, ref, env, cacheDir } = request;
  const proxy = envProxy(env, new URL(remote.url));
  const deadline = AbortSignal.timeout(request.deadlineMs);
  const signal = AbortSignal.any([request.signal, deadline]);
  try {
    return await withCertificates(request, async (certificates) => {
      const program = await findGit(env);
      const environment = {
        ...gitEnvironment({ env, remote, proxy, home: "/dev/null", certificates }),
        // No repository: none that happens to be in the working directory may count.
        GIT_DIR: "/dev/null",
      };
      const traced: Buffer[] = [];
      const onStderr = (chunk: Buffer): void => void traced.push(chunk);
      const parts = { program, directory: "/", environment, maxOutputBytes, signal, onStderr };
      const git = await openGitSession(parts);
      try {
        const listed = parsed(await git.run(["ls-remote", "--symref", "--", remote.url, ref]), ref);
        if (listed.sha === undefined) refuseOtherServer(remote, Buffer.concat(traced).toString("utf8"));
        return listed;
      } catch (error) {
        if (!(error instanceof GitFailure)) throw error;
        if (error instanceof TooMuchOutput) throw malformed(remote, "it sent more than 512 KiB");
        const movedTo = redirection(error, remote);
        if (movedTo !== undefined) return { movedTo };
        await refuseOldGit(git);
        throw asLookUp(
          gitFailed(error, {
            remote: { ...remote, proxy },
            commit: undefined,
            place: cacheDir,
            step: "ls-remote",
          }),
        );
      }
    });
  } catch (error) {
    if (!deadline.aborted || request.signal.aborted || isImageSourceError(error)) throw error;
    throw new ImageSourceError({
      code: "SOURCE_UNREACHABLE",
      message: `${remote.url} cannot be reached: no complete response within ${String(request.deadlineMs / 1000)} s`,
      hint: "Check that the server is up, the address is right and a proxy, if any, is configured.",
      cause: error,
    });
  }
}

/** With git's own certificates nothing is written: a look-up then needs no disk. */
async function withCertificates<T>(
  { env, cacheDir, base }: ListRemoteRequest,
  work: (certificates: string | undefined) => Promise<T>,
): Promise<T> {
  if ((await extraCertificates(env)) === undefined && (await systemCertificates()) !== undefined)
    return work(undefined);
  const directory = await makeWorkDirectory(join(cacheDir, "look-ups", "certificates"), base, env);
  try {
    await writeCertificateBundle(directory.certificates, env);
    return await work(directory.certificates);
  } finally {
    await directory.remove();
  }
}

/** To git, any page is a repository without refs, served by a web server that knows nothing of git. */
function refuseOtherServer(remote: GitRemote, stderr: string): void {
  const type = splitTrace(stderr).answer?.headers.get("content-type") ?? "no content type";
  if (type.startsWith("application/x-git-upload-pack-")) return;
  throw malformed(remote, `it is not git over HTTP (${escapeControls(type)})`);
}

/** git matches the end of a name, so other refs may be listed, too. */
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
function redirection({ answer }: GitFailure, { url }: GitRemote): string | undefined {
  const location = answer?.headers.get("location") ?? null;
  if (answer === undefined || !redirects.includes(answer.status) || location === null) return undefined;
  if (!URL.canParse(location, `${url}/info/refs`)) return undefined;
  const target = new URL(location, `${url}/info/refs`);
  const { origin } = new URL(url);
  const isPlain = target.username + target.password === "" && target.hash === "";
  if (target.origin !== origin || !isPlain || !service.test(target.pathname)) return undefined;
  return `${origin}${target.pathname.replace(service, "")}`;
}

/** A git that does not read its configuration from the environment fails in other ways. */
async function refuseOldGit(git: GitSession): Promise<void> {
  const version = await git.run(["version"]).catch(() => "");
  if (version !== "") assertGitVersion(version);
}

/** What is a failed checkout while fetching is a wrong server before. */
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
