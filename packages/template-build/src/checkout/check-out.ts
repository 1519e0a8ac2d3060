import type { CheckOutRequest } from "./check-out-request.js";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ImageSourceError, isImageSourceError, type Log, type WorkDirectory } from "@molecule/core";
import { envProxy } from "@molecule/node-edges";
import type { Checkout } from "./checkout.js";
import type { CommitObjects } from "./commit-objects.js";
import { listTree } from "./list-tree.js";
import { writeCertificateBundle } from "./certificate-bundle.js";
import { fetchCommit } from "./fetch-commit.js";
import { gitEnvironment } from "./git-environment.js";
import { gitFailed } from "./git-failure.js";
import { assertGitVersion, findGit, gitBroken, type GitProgram } from "./git-program.js";
import { gitProgress } from "./git-progress.js";
import { startGit, type GitProcess, type GitProcessParts } from "./git-process.js";
import type { RoutedRemote } from "./git-remote.js";
import { GitFailure, openGitSession, type GitSession } from "./git-session.js";
import { removeWorkDirectory } from "./remove-work-directory.js";
import { settleAll } from "./settle-all.js";

/**
 * Fetches exactly one commit, without history, into a private directory, so that two calls for one commit never disturb
 * each other. {@link Checkout.settle} moves it to its place in the store after use. Rejects with `TOOL_MISSING`,
 * `STORAGE_UNUSABLE`, `SOURCE_UNREACHABLE`, `SOURCE_DENIED`, `SOURCE_NOT_FOUND`, `CHECKOUT_FAILED` or
 * `TEMPLATE_INVALID`, or with the signal's reason.
 */
export async function checkOut(request: CheckOutRequest): Promise<Checkout> {
  const { store, name, signal } = request;
  signal.throwIfAborted();
  const proxy = envProxy(request.env, new URL(request.remote.url));
  const program = await findGit(request.env);
  const work = await store.workDirectory(name);
  try {
    const tree = await work.directory("tree");
    const scratch = await work.directory("scratch");
    const certificates = await writeCertificateBundle(work, request.env);
    const environment = gitEnvironment({
      env: request.env,
      remote: request.remote,
      proxy,
      // Empty, and stays empty.
      home: await work.directory("home"),
      certificates,
    });
    const onStderr = gitProgress(request.report);
    const git = await openGitSession({ program, directory: tree, environment, signal, onStderr });
    const placed = { ...request, place: work.place, remote: { ...request.remote, proxy } };
    const start = (args: readonly string[]): Promise<GitProcess> =>
      startInRepository({ program, directory: tree, environment, signal }, placed, args);
    const { committedAt, listing } = await fetchInto({ git, program, start }, tree, placed);
    signal.throwIfAborted();
    return {
      commit: request.commit,
      committedAt,
      objects: { listing, start, damaged: (why) => damaged(placed, why) },
      written: Promise.resolve(),
      files: () => Promise.resolve(tree),
      scratch,
      settle: () => moveIntoPlace(work, request.log),
    };
  } catch (error) {
    await removeWorkDirectory(work, request.log);
    throw error;
  }
}

async function moveIntoPlace(work: WorkDirectory, log: Log): Promise<void> {
  try {
    await work.keep("tree");
  } catch (error) {
    // The checkout is kept only for inspection; the build no longer needs it.
    log.warn("cannot move a checkout into place", { directory: work.place, error: String(error) });
  }
  await removeWorkDirectory(work, log);
}

/** With the route to the remote, and the place of the checkout for messages. */
type PlacedRequest = CheckOutRequest & { readonly remote: RoutedRemote; readonly place: string };

/** Starts a git that reads the fetched repository, and converts its failure. */
async function startInRepository(
  parts: GitProcessParts,
  request: PlacedRequest,
  args: readonly string[],
): Promise<GitProcess> {
  const { remote, commit, place } = request;
  const git = await startGit(parts, args);
  const ended = git.ended.catch((error: unknown) => {
    if (!(error instanceof GitFailure)) throw error;
    throw gitFailed(error, { remote, commit, place, step: args[0] ?? "" }).with({ again: true });
  });
  ended.catch(() => undefined);
  return { ...git, ended };
}

function damaged({ remote, commit }: PlacedRequest, why: string): ImageSourceError {
  return new ImageSourceError({
    code: "CHECKOUT_FAILED",
    message: `cannot read ${commit} of ${remote.url}: ${why}`,
    hint: "Retry, and check the disk of the cache directory if it happens again.",
    again: true,
  });
}

/** Fetches the commit, and checks it out. */
async function fetchInto(
  {
    git,
    program,
    start,
  }: Pick<CommitObjects, "start"> & {
    readonly git: GitSession;
    readonly program: GitProgram;
  },
  tree: string,
  request: PlacedRequest,
): Promise<{ committedAt: Date; listing: Buffer }> {
  const { remote, commit, place } = request;
  async function withGitErrors<T>(step: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw error instanceof GitFailure ? gitFailed(error, { remote, commit, place, step }) : error;
    }
  }
  const run = (step: string, args: readonly string[]): Promise<string> =>
    withGitErrors(step, () => git.run([step, ...args]));
  // None of these commands gets --quiet: simple-git waits 50 ms for the output of a git that has printed nothing.
  const objectFormat = commit.length === 64 ? "sha256" : "sha1";
  // Starting git is most of the cost for a small template, so independent commands run concurrently.
  const [version] = await settleAll(
    versionOf(git, program, request.signal),
    run("init", ["--template=", `--object-format=${objectFormat}`]),
  );
  assertGitVersion(version);
  await fetchCommit(git, request);
  const [output, listing] = await settleAll(
    run("log", ["-1", "--format=%H %ct", commit]),
    listTree({ start }, commit, remote.url),
  );
  const [fetched, time = ""] = output.trim().split(" ");
  if (fetched !== commit || !/^-?\d+$/.test(time)) throw anotherCommit(request, fetched);
  await run("checkout", ["--progress", "--force", "--detach", commit]);
  const head = (await readFile(join(tree, ".git", "HEAD"), "utf8")).trim();
  if (head !== commit) throw anotherCommit(request, head);
  return { committedAt: new Date(Number(time) * 1000), listing };
}

async function versionOf(git: GitSession, program: GitProgram, signal: AbortSignal): Promise<string> {
  try {
    return await git.run(["version"]);
  } catch (error) {
    signal.throwIfAborted();
    if (isImageSourceError(error)) throw error;
    const text = error instanceof GitFailure ? error.stderr.trim() : "";
    throw gitBroken(program, text === "" ? String(error) : text);
  }
}

function anotherCommit({ remote, commit }: CheckOutRequest, output = ""): ImageSourceError {
  return new ImageSourceError({
    code: "CHECKOUT_FAILED",
    message: `${remote.url} returned ${JSON.stringify(output)} instead of ${commit}`,
    hint: "Check the commit that the server reports for the branch: it must be the hash of a commit.",
  });
}
