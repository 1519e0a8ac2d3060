import { dirname } from "node:path";
import {
  ImageSourceError,
  runTogether,
  type CommitSha,
  type Env,
  type Log,
  type WorkDirectory,
} from "@molecule/core";
import { envProxy } from "@molecule/node-edges";
import { writeCertificateBundle } from "./certificate-bundle.js";
import { assertGit } from "./assert-git.js";
import type { CheckOutRequest } from "./check-out-request.js";
import type { Checkout } from "./checkout.js";
import { fetchIntoRepository, type FetchedCommit } from "./fetched-commit.js";
import { gitEnvironment } from "./git-environment.js";
import { gitFailed, gitReason, type GitFailureFacts } from "./git-failure.js";
import { startGit, type GitProcess, type GitProcessParts } from "./git-process.js";
import { findGit } from "./git-program.js";
import { gitProgress } from "./git-progress.js";
import { GitFailure, loadSimpleGit } from "./git-session.js";
import { isIntact } from "./is-intact.js";
import { listTree } from "./list-tree.js";
import { openObjectStore } from "./object-store.js";
import { removeWorkDirectory } from "./remove-work-directory.js";
import type { ObjectFormat } from "./store-layout.js";
import { writeTree } from "./write-tree.js";

/**
 * Fetches exactly one commit, without history, and writes its files into a private directory, so that two calls for one
 * commit never disturb each other. {@link Checkout.settle} moves it to its place in the store after use. Resolves while
 * the files are still being listed and written. Rejects with `TOOL_MISSING`, `STORAGE_UNUSABLE`, `SOURCE_UNREACHABLE`,
 * `SOURCE_DENIED`, `SOURCE_NOT_FOUND` or `CHECKOUT_FAILED`, or with the signal's reason.
 */
export async function checkOut(request: CheckOutRequest): Promise<Checkout> {
  const { store, name, commit, env, signal, log } = request;
  signal.throwIfAborted();
  const proxy = envProxy(env, new URL(request.remote.url));
  const remote = { ...request.remote, proxy };
  const program = findGit(env);
  const format = commit.length === 64 ? "sha256" : "sha1";
  const nothing = { env, remote, proxy, home: "/dev/null", certificates: undefined };
  const opening = openObjectStore({ store, runtime: dirname(name), url: remote.url, format, log });
  const creating = store.workDirectory(name);
  try {
    // git needs several milliseconds to start, during which everything else is prepared.
    const [, { work, tree, scratch, home, certificates }, objectStore] = await runTogether(
      signal,
      (own) => assertGit({ program, directory: "/", environment: gitEnvironment(nothing), signal: own }),
      async (own) => prepareWorkDirectory(await creating, env, own),
      () => opening,
      loadSimpleGit,
    );
    // An aborted fetch would cause the object store to be removed.
    signal.throwIfAborted();
    // The home directory is empty, and stays empty.
    const environment = gitEnvironment({ env, remote, proxy, home, certificates });
    const parts = { program, directory: tree, environment, signal };
    const failure = { remote, commit, place: work.place };
    const onStderr = gitProgress(request.report);
    const fetching = fetchIntoRepository({ remote, commit, format, parts, onStderr, objectStore });
    const fetched = await fetching.catch((error: unknown) => {
      throw error instanceof GitFailure ? gitFailed(error, failure) : error;
    });
    return checkoutOf({ fetched, parts, format, work, scratch, failure, log });
  } catch (error) {
    await (await opening.catch(() => undefined))?.close();
    const work = await creating.catch(() => undefined);
    if (work !== undefined) await removeWorkDirectory(work, log);
    throw error;
  }
}

interface PreparedWork {
  readonly work: WorkDirectory;
  readonly tree: string;
  readonly scratch: string;
  readonly home: string;
  readonly certificates: string | undefined;
}

async function prepareWorkDirectory(
  work: WorkDirectory,
  env: Env,
  signal: AbortSignal,
): Promise<PreparedWork> {
  const [tree, scratch, home, certificates] = await runTogether(
    signal,
    () => work.directory("tree"),
    () => work.directory("scratch"),
    () => work.directory("home"),
    () => writeCertificateBundle(work, env),
  );
  return { work, tree, scratch, home, certificates };
}

interface CheckoutParts {
  readonly fetched: FetchedCommit;
  /** In the directory of the checkout. */
  readonly parts: GitProcessParts;
  readonly format: ObjectFormat;
  readonly work: WorkDirectory;
  readonly scratch: string;
  readonly failure: GitFailureFacts & { readonly commit: CommitSha };
  readonly log: Log;
}

/** Starts to list and to write the files of the commit. */
function checkoutOf({ fetched, parts, format, work, scratch, failure, log }: CheckoutParts): Checkout {
  const { objectStore } = fetched;
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

  /** git only reads: an object is missing, or cannot be read. */
  const asDamage = (error: unknown): unknown =>
    error instanceof GitFailure ? damaged(gitReason(error)) : error;

  /** Distinguishes a full disk, a damaged repository, and a tree that git refuses to write. */
  async function asFileFailure(error: unknown): Promise<unknown> {
    if (!(error instanceof GitFailure)) return error;
    const failed = gitFailed(error, failure);
    return failed.code === "STORAGE_UNUSABLE" || (await isIntact(fetched, commit))
      ? failed
      : damaged(gitReason(error));
  }

  const listing = listTree(fetched.parts, commit, remote.url).catch((error: unknown) => {
    throw asDamage(error);
  });
  const tree = { objectStore, listing, commit, format, url: remote.url };
  const written = writeTree(parts, tree).catch(async (error: unknown) => {
    throw await asFileFailure(error);
  });
  for (const result of [listing, written]) result.catch(() => undefined);

  return {
    commit,
    objects: {
      listing,
      damaged,
      async start(args): Promise<GitProcess> {
        const git = await startGit(fetched.parts, args);
        const ended = git.ended.catch((error: unknown) => {
          throw asDamage(error);
        });
        ended.catch(() => undefined);
        return { ...git, ended };
      },
    },
    written,
    async files() {
      await written;
      if (!(await isIntact(fetched, commit)))
        throw damaged("an object does not have the content that its hash stands for");
      return parts.directory;
    },
    scratch,
    async settle() {
      // The listing too must have ended before the store is closed.
      const [files] = await Promise.allSettled([written, listing]);
      if (files.status === "fulfilled") await moveIntoPlace(work, log);
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
