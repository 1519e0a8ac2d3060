import { dirname } from "node:path";
import {
  ImageSourceError,
  isImageSourceError,
  type CommitSha,
  type Log,
  type WorkDirectory,
} from "@molecule/core";
import { envProxy } from "@molecule/node-edges";
import { writeCertificateBundle } from "./certificate-bundle.js";
import type { CheckOutRequest } from "./check-out-request.js";
import type { Checkout } from "./checkout.js";
import { fetchAndList, type FetchedCommit } from "./fetched-commit.js";
import { gitEnvironment } from "./git-environment.js";
import { gitFailed, gitReason, type GitFailureFacts } from "./git-failure.js";
import { readGit, startGit, type GitProcess, type GitProcessParts } from "./git-process.js";
import { assertGitVersion, findGit, gitBroken } from "./git-program.js";
import { gitProgress } from "./git-progress.js";
import { GitFailure } from "./git-session.js";
import { removeWorkDirectory } from "./remove-work-directory.js";
import { settleAll } from "./settle-all.js";
import { isIntact } from "./is-intact.js";
import { writeTree } from "./write-tree.js";

/**
 * Fetches exactly one commit, without history, and writes its files into a private directory, so that two calls for one
 * commit never disturb each other. {@link Checkout.settle} moves it to its place in the store after use. Resolves while
 * the files are still being written. Rejects with `TOOL_MISSING`, `STORAGE_UNUSABLE`, `SOURCE_UNREACHABLE`,
 * `SOURCE_DENIED`, `SOURCE_NOT_FOUND`, `CHECKOUT_FAILED` or `TEMPLATE_INVALID`, or with the signal's reason.
 */
export async function checkOut(request: CheckOutRequest): Promise<Checkout> {
  const { store, name, commit, env, signal, log } = request;
  signal.throwIfAborted();
  const proxy = envProxy(env, new URL(request.remote.url));
  const remote = { ...request.remote, proxy };
  const program = await findGit(env);
  const work = await store.workDirectory(name);
  const failure = { remote, commit, place: work.place };
  try {
    const nothing = { env, remote, proxy, home: "/dev/null", certificates: undefined };
    const [tree, scratch, home, certificates] = await settleAll(
      work.directory("tree"),
      work.directory("scratch"),
      work.directory("home"),
      writeCertificateBundle(work, env),
      assertGit({ program, directory: "/", environment: gitEnvironment(nothing), signal }),
    );
    // The home directory is empty, and stays empty.
    const environment = gitEnvironment({ env, remote, proxy, home, certificates });
    const parts = { program, directory: tree, environment, signal };
    const format = commit.length === 64 ? "sha256" : "sha1";
    const onStderr = gitProgress(request.report);
    const objectStore = { store, runtime: dirname(name), url: remote.url, format, log } as const;
    const fetched = await fetchAndList({ remote, commit, format, parts, onStderr, objectStore });
    const written = writeTree(parts, { ...fetched, commit, format, url: remote.url });
    return checkoutOf({ fetched, written, work, scratch, tree, failure, log });
  } catch (error) {
    await removeWorkDirectory(work, log);
    throw error instanceof GitFailure ? gitFailed(error, failure) : error;
  }
}

/** Rejects with `TOOL_MISSING` unless git runs, and is recent enough. */
async function assertGit(parts: GitProcessParts): Promise<void> {
  let output: Buffer;
  try {
    output = await readGit(parts, ["version"], 1024);
  } catch (error) {
    parts.signal.throwIfAborted();
    if (isImageSourceError(error)) throw error;
    const text = error instanceof GitFailure ? error.stderr.trim() : "";
    throw gitBroken(parts.program, text === "" ? String(error) : text);
  }
  assertGitVersion(output.toString("utf8"));
}

interface CheckoutParts {
  readonly fetched: FetchedCommit;
  readonly written: Promise<void>;
  readonly work: WorkDirectory;
  readonly scratch: string;
  readonly tree: string;
  readonly failure: GitFailureFacts & { readonly commit: CommitSha };
  readonly log: Log;
}

function checkoutOf({ fetched, work, scratch, tree, failure, log, ...rest }: CheckoutParts): Checkout {
  const { parts, objectStore, committedAt, listing } = fetched;
  const { commit, remote } = failure;

  function damaged(why: string): ImageSourceError {
    objectStore?.distrust(why);
    return new ImageSourceError({
      code: "CHECKOUT_FAILED",
      message: `cannot read ${commit} of ${remote.url}: ${why}`,
      hint: "Retry, and check the disk of the cache directory if it happens again.",
      again: true,
    });
  }

  /** Distinguishes a damaged repository from a tree that git refuses to write, and from a full disk. */
  async function asFileFailure(error: unknown): Promise<unknown> {
    if (!(error instanceof GitFailure)) return error;
    return (await isIntact(fetched)) ? gitFailed(error, failure) : damaged(gitReason(error));
  }

  const written = rest.written.catch(async (error: unknown) => {
    throw await asFileFailure(error);
  });
  written.catch(() => undefined);

  return {
    commit,
    committedAt,
    objects: {
      listing,
      damaged,
      async start(args): Promise<GitProcess> {
        const git = await startGit(parts, args);
        const ended = git.ended.catch((error: unknown) => {
          throw error instanceof GitFailure ? damaged(gitReason(error)) : error;
        });
        ended.catch(() => undefined);
        return { ...git, ended };
      },
    },
    written,
    async files() {
      await written;
      if (!(await isIntact(fetched)))
        throw damaged("an object does not have the content that its hash stands for");
      return tree;
    },
    scratch,
    async settle() {
      const isComplete = await written.then(
        () => true,
        () => false,
      );
      if (isComplete) await moveIntoPlace(work, log);
      await removeWorkDirectory(work, log);
      await objectStore?.close();
    },
  };
}

async function moveIntoPlace(work: WorkDirectory, log: Log): Promise<void> {
  try {
    await work.keep("tree");
  } catch (error) {
    // The checkout is kept only for inspection; the build no longer needs it.
    log.warn("cannot move a checkout into place", { directory: work.place, error: String(error) });
  }
}
