import { commitStream } from "./commit-stream.js";
import type { GitProgram } from "./git-program.js";
import type { TemplateChanges } from "./template-file.js";

export interface RepositoryFacts {
  /** The directory of the bare repository. */
  readonly directory: string;
  readonly organisation: string;
  readonly defaultBranch: string;
  readonly objectFormat: "sha1" | "sha256";
  readonly isPrivate: boolean;
  /** Whether any object can be requested by its hash on protocol v0, as Gitea allows. */
  readonly allowAnySha: boolean;
}

export interface BranchTip {
  readonly sha: string;
  readonly message: string;
  /** RFC 3339. */
  readonly time: string;
}

/** A bare repository that the forge serves. */
export class TemplateRepository {
  /** What the API returns as `commit.id` instead of the real one. */
  apiCommitId: { readonly value: unknown } | undefined;
  /** As in the seconds after a first push: the API does not know the commits yet. */
  isEmpty = false;
  #commits = 0;

  private constructor(
    readonly facts: RepositoryFacts,
    /** The name that it is served under. */
    public name: string,
    private readonly program: GitProgram,
  ) {}

  static async create(git: GitProgram, name: string, facts: RepositoryFacts): Promise<TemplateRepository> {
    const { directory, defaultBranch, objectFormat, allowAnySha } = facts;
    const format = `--object-format=${objectFormat}`;
    await git.run([
      "init",
      "--quiet",
      "--bare",
      "--template=",
      format,
      `--initial-branch=${defaultBranch}`,
      directory,
    ]);
    const repository = new TemplateRepository(facts, name, git);
    if (allowAnySha) await repository.git(["config", "uploadpack.allowAnySHA1InWant", "true"]);
    return repository;
  }

  get fullName(): string {
    return `${this.facts.organisation}/${this.name}`;
  }

  git(args: readonly string[], input?: Buffer): Promise<string> {
    return this.program.run(["--git-dir", this.facts.directory, ...args], input);
  }

  /** A new branch starts from the default branch, if that exists. Returns the commit's hash. */
  async commit(branch: string, files: TemplateChanges, message: string): Promise<string> {
    const base = (await this.tip(branch)) ?? (await this.tip(this.facts.defaultBranch));
    // With fixed times, the same files have the same hash in every run.
    const time = 1_700_000_000 + 60 * this.#commits++;
    const stream = commitStream({ branch, parent: base?.sha, message, time, files });
    await this.git(["fast-import", "--quiet", "--date-format=raw"], stream);
    const made = await this.tip(branch);
    if (made === undefined) throw new Error(`git fast-import made no branch ${branch} in ${this.fullName}`);
    return made.sha;
  }

  /** The branches whose names start with the prefix, with their commits. */
  async refs(start: string): Promise<readonly { readonly ref: string; readonly sha: string }[]> {
    const listed = await this.git(["for-each-ref", "--format=%(refname) %(objectname)", "refs/heads"]);
    return listed.split("\n").flatMap((line) => {
      const [ref = "", sha = ""] = line.split(" ");
      return ref !== "" && ref.startsWith(`refs/heads/${start}`) ? [{ ref, sha }] : [];
    });
  }

  /** Returns the last commit of a branch, or undefined if the branch does not exist. */
  async tip(branch: string): Promise<BranchTip | undefined> {
    const format = "%(refname)%00%(objectname)%00%(committerdate:iso-strict)%00%(contents)%00%00";
    // The pattern also matches branches below that name.
    const refs = await this.git(["for-each-ref", `--format=${format}`, `refs/heads/${branch}`]);
    for (const ref of refs.split("\0\0\n")) {
      const [name, sha, time, message] = ref.split("\0");
      if (name !== `refs/heads/${branch}` || sha === undefined) continue;
      return { sha, time: time ?? "", message: message ?? "" };
    }
    return undefined;
  }
}
