import { ImageSourceError, isImageSourceError, type CommitSha } from "@molecule/core";
import { fetchCommit } from "./fetch-commit.js";
import { gitReason, isServerFault } from "./git-failure.js";
import type { GitProcessParts } from "./git-process.js";
import type { RoutedRemote } from "./git-remote.js";
import { GitFailure, openGitSession, type GitSession } from "./git-session.js";
import type { ObjectStore } from "./object-store.js";
import type { ObjectFormat } from "./store-layout.js";

/** The repository that a commit was fetched into. */
export interface FetchedCommit {
  /** Reads the repository. */
  readonly parts: GitProcessParts;
  /** Undefined if the repository is that of the checkout itself. */
  readonly objectStore: ObjectStore | undefined;
}

export interface FetchRequest {
  readonly remote: RoutedRemote;
  readonly commit: CommitSha;
  readonly format: ObjectFormat;
  /** In the directory of the checkout, which is empty. */
  readonly parts: GitProcessParts;
  readonly onStderr: (chunk: Buffer) => void;
  /** Undefined if it cannot be used. Closed if it turns out to be damaged. */
  readonly objectStore: ObjectStore | undefined;
}

/**
 * Fetches the commit into the object store, or, if that cannot be used or turns out to be damaged, into a new repository
 * in the directory of the checkout. Rejects with {@link GitFailure} or like {@link fetchCommit}.
 */
export async function fetchIntoRepository(request: FetchRequest): Promise<FetchedCommit> {
  return (await fetchIntoStore(request)) ?? (await fetchAnew(request));
}

/** Returns undefined if the store cannot be used, or is damaged. */
async function fetchIntoStore(request: FetchRequest): Promise<FetchedCommit | undefined> {
  const { remote, format, onStderr, objectStore } = request;
  if (objectStore === undefined) return undefined;
  // git must not search the directories above for a repository.
  const environment = { ...request.parts.environment, GIT_DIR: "." };
  const parts = { ...request.parts, directory: objectStore.path, environment };
  const { signal } = parts;
  const isDamage = (error: unknown): boolean =>
    !signal.aborted &&
    (error instanceof GitFailure ? !isServerFault(error, remote) : !isImageSourceError(error));
  try {
    const git = await openGitSession({ ...parts, onStderr });
    await objectStore.write(
      async () => {
        if (objectStore.isEmpty) await initRepository(git, format, ["--bare"]);
        await fetchCommit(git, request);
      },
      (error) => !signal.aborted && !isDamage(error),
    );
    return { parts, objectStore };
  } catch (error) {
    if (!isDamage(error)) throw error;
    objectStore.distrust(error instanceof GitFailure ? gitReason(error) : String(error));
    await objectStore.close();
    return undefined;
  }
}

async function fetchAnew(request: FetchRequest): Promise<FetchedCommit> {
  const { parts, format, onStderr } = request;
  const git = await openGitSession({ ...parts, onStderr });
  await initRepository(git, format);
  await fetchCommit(git, request);
  return { parts, objectStore: undefined };
}

/** Creates a repository without hooks and other files of a template. */
export async function initRepository(
  git: GitSession,
  format: ObjectFormat,
  more: readonly string[] = [],
): Promise<void> {
  // Not with --quiet: simple-git waits 50 ms for the output of a git that has printed nothing.
  await git.run(["init", "--template=", `--object-format=${format}`, ...more]);
}

/** Returns the error for a server that returned another commit than the requested one. */
export function anotherCommit(url: string, commit: CommitSha, found = ""): ImageSourceError {
  return new ImageSourceError({
    code: "CHECKOUT_FAILED",
    message: `${url} returned ${JSON.stringify(found)} instead of ${commit}`,
    hint: "Check the commit that the server reports for the branch: it must be the hash of a commit.",
  });
}
