import type { SeenRequest } from "../http-server.js";
import type { Fault, FaultMatch } from "./fault.js";
import type { TemplateChanges, TemplateFiles } from "./template-file.js";

/** What kind of forge it is. */
export interface ForgeOptions {
  /** The path that the forge lives under, as `/git`. Default: none. */
  readonly basePath?: string;
  /** `false`: git is spoken on protocol v0 and only advertised commits can be fetched. Default true, as in Gitea. */
  readonly allowAnySha?: boolean;
}

/** What kind of repository a template is in. */
export interface TemplateOptions {
  /** The branch that the files are committed to. Default `main`. */
  readonly branch?: string;
  /** What the API calls the repository's default branch. Default: `branch`. */
  readonly defaultBranch?: string;
  readonly objectFormat?: "sha1" | "sha256";
  /** Only who sends the token of {@link Forge.requireToken} sees the repository. */
  readonly private?: boolean;
}

/** A request that the forge has seen. */
export interface ForgeRequest extends SeenRequest {
  readonly kind: "api" | "git" | "other";
}

/**
 * A forge on 127.0.0.1 that looks like a Gitea: the two API requests that sources make, and real git over http.
 * A `runtime` is the name of one in the organisation `molecule-ai`, or `organisation/runtime`.
 */
export interface Forge {
  /** `http://127.0.0.1:PORT` and the base path. */
  readonly baseUrl: string;
  /** A value for `MOLECULE_LOCAL_TEMPLATE_REPO_PREFIX`. */
  repoPrefix(organisation?: string): string;
  /** Creates the repository of a template with one commit. Returns its full hash; the same files give the same hash. */
  addTemplate(runtime: string, files: TemplateFiles, options?: TemplateOptions): Promise<string>;
  /**
   * Commits changes on top of a branch, by default the repository's own; a branch that is not there starts from that.
   * Returns the full hash.
   */
  commit(runtime: string, changes: TemplateChanges, message?: string, branch?: string): Promise<string>;
  /** Runs git in the bare repository: forced pushes (`update-ref`), tags, `gc`. Returns what it printed. */
  git(runtime: string, args: readonly string[]): Promise<string>;
  /** Gives the repository another name. The API and git redirect from the old one, by path, with 301 unless `status` says 307. */
  rename(runtime: string, newName: string, options?: { readonly status?: 301 | 307 }): void;
  /**
   * From now on the API wants `Authorization: token <token>` and git the token as Basic password.
   * Without credentials: 401 (git with a challenge), but 404 from the API for a private repository. Wrong ones: 401.
   * With `mayReadRepositories: false` the token lacks the scope for them: 403.
   */
  requireToken(token: string, options?: { readonly mayReadRepositories?: boolean }): void;
  /** Gives an organisation another name: the API and git redirect from the old one with 307. */
  renameOwner(organisation: string, newName: string): void;
  /** Whether the API says that the repository is empty, as it does for seconds after a first push. */
  setEmpty(runtime: string, isEmpty: boolean): void;
  /** From now on git over http is refused with 403, as with `DISABLE_HTTP_GIT`. */
  disableGit(): void;
  /** What the API returns as `commit.id` of every branch; undefined leaves it out. */
  setApiCommitId(runtime: string, value: unknown): void;
  /** Lets matching requests go wrong, the first `times` of them, else all. Faults planned first happen first. */
  fault(match: FaultMatch, fault: Fault, options?: { readonly times?: number }): void;
  clearFaults(): void;
  /** Runs `hook` once, when the next git request comes and before it is answered. */
  beforeGit(hook: () => Promise<void>): void;
  /** Every request so far, in the order of arrival. */
  readonly requests: readonly ForgeRequest[];
  apiRequests(): readonly ForgeRequest[];
  gitRequests(): readonly ForgeRequest[];
  /** Ends every connection and program, and removes the repositories. */
  stop(): Promise<void>;
}
