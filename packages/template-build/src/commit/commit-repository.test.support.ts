import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach } from "@jest/globals";
import { ImageSourceError, parseCommitSha } from "@molecule/core";
import type { Checkout } from "../checkout/checkout.js";
import { gitEnvironment } from "../checkout/git-environment.js";
import { startGit, type GitProcess } from "../checkout/git-process.js";
import { findGit } from "../checkout/git-program.js";
import { GitFailure } from "../checkout/git-session.js";
import { listTree } from "../checkout/list-tree.js";

/** An entry of a commit: the content of a file, or something else. */
export type Planned =
  | string
  | Buffer
  | { readonly link: string | Buffer }
  | { readonly runnable: string }
  | { readonly submodule: string };

/** A commit that was read from git and checked out by git. */
export interface FetchedTemplate extends Pick<Checkout, "commit" | "objects"> {
  /** The checkout. */
  readonly directory: string;
  /** Every git that was started for the objects. */
  readonly started: readonly GitProcess[];
}

/** A repository with the configuration of a fetched one, new for each test. */
export interface CommitRepository {
  readonly directory: string;
  /** Runs git in the repository. */
  readonly git: (args: readonly string[], input?: string | Buffer) => string;
  /** Commits files, whose names are Latin-1 for bytes, and checks them out. */
  readonly commit: (
    files: readonly (readonly [path: string, entry: Planned])[],
    signal?: AbortSignal,
  ) => Promise<FetchedTemplate>;
  /** Opens a commit of the repository, without checking it out. */
  readonly open: (commit: string, signal?: AbortSignal) => Promise<Omit<FetchedTemplate, "directory">>;
}

export function useCommitRepository({ objectFormat = "sha1" } = {}): CommitRepository {
  let root = "";
  let checkouts = 0;
  const remote = {
    url: "http://127.0.0.1/t.git",
    branch: "main",
    authorization: undefined,
    tokenVariable: "",
  };
  const environment = (): Record<string, string> => ({
    ...gitEnvironment({
      env: { PATH: process.env["PATH"] },
      remote,
      proxy: undefined,
      home: join(root, "home"),
      certificates: undefined,
    }),
    GIT_DIR: join(root, "repository"),
  });
  const git: CommitRepository["git"] = (args, input) =>
    execFileSync("git", args, {
      cwd: root,
      env: environment(),
      input,
      maxBuffer: 2 ** 30,
      stdio: ["pipe", "pipe", "ignore"],
    }).toString("latin1");

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), "commit-"));
    checkouts = 0;
    await mkdir(join(root, "home"));
    git(["init", "--bare", "--template=", `--object-format=${objectFormat}`, join(root, "repository")]);
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  const repository: CommitRepository = {
    get directory() {
      return join(root, "repository");
    },
    git,
    async commit(files, signal) {
      git(["fast-import", "--quiet", "--force"], importStream(files));
      const commit = git(["rev-parse", "refs/heads/main"]).trim();
      checkouts += 1;
      const directory = join(root, `checkout-${String(checkouts)}`);
      await mkdir(directory);
      git(["--work-tree", directory, "checkout", "--force", "--detach", commit]);
      return { ...(await repository.open(commit, signal)), directory };
    },
    async open(commit, signal = new AbortController().signal) {
      const program = findGit({ PATH: process.env["PATH"] });
      const parts = { program, directory: root, environment: environment(), signal };
      const started: GitProcess[] = [];
      const damaged = (why: string): ImageSourceError =>
        new ImageSourceError({ code: "CHECKOUT_FAILED", message: `cannot read it: ${why}`, hint: "Retry." });
      const asDamage = (error: unknown): unknown =>
        error instanceof GitFailure ? damaged(error.stderr) : error;
      const start = async (args: readonly string[]): Promise<GitProcess> => {
        const running = await startGit(parts, args);
        started.push(running);
        const ended = running.ended.catch((error: unknown) => {
          throw asDamage(error);
        });
        ended.catch(() => undefined);
        return { ...running, ended };
      };
      const sha = parseCommitSha(commit);
      const listing = listTree(parts, sha, remote.url).catch((error: unknown) => {
        throw asDamage(error);
      });
      listing.catch(() => undefined);
      return { commit: sha, objects: { listing, start, damaged }, started };
    },
  };
  return repository;
}

/** Writes a stream for `git fast-import`. */
function importStream(files: readonly (readonly [path: string, entry: Planned])[]): Buffer {
  const parts: (string | Buffer)[] = ["commit refs/heads/main\ncommitter a <a@b> 946684800 +0000\ndata 0\n"];
  for (const [path, entry] of files) {
    const quotedPath = `"${path.replace(/[^a-zA-Z0-9./-]/g, (character) => `\\${character.charCodeAt(0).toString(8).padStart(3, "0")}`)}"`;
    if (typeof entry === "object" && "submodule" in entry) {
      parts.push(`M 160000 ${entry.submodule} ${quotedPath}\n`);
      continue;
    }
    const [mode, content] =
      typeof entry === "string" || Buffer.isBuffer(entry)
        ? ["100644", Buffer.from(entry)]
        : "link" in entry
          ? ["120000", Buffer.from(entry.link)]
          : ["100755", Buffer.from(entry.runnable)];
    parts.push(`M ${mode} inline ${quotedPath}\ndata ${String(content.length)}\n`, content, "\n");
  }
  return Buffer.concat(parts.map((part) => Buffer.from(part)));
}
