import type { SeenRequest } from "../http/http-server.js";
import type { Fault, FaultMatch } from "./fault.js";
import type { TemplateChanges, TemplateFiles } from "./template-file.js";

/** Options of a forge. */
export interface ForgeOptions {
  /** The path that the forge is served under, such as `/git`. Default: none. */
  readonly basePath?: string;
  /** `false`: git uses protocol v0 and only advertised commits can be fetched. Default: true, as in Gitea. */
  readonly allowAnySha?: boolean;
  /** Default: a free one. */
  readonly port?: number;
}

/** Options of a template's repository. */
export interface TemplateOptions {
  /** The branch that the files are committed to. Default `main`. */
  readonly branch?: string;
  /** The default branch that the API reports. Default: `branch`. */
  readonly defaultBranch?: string;
  readonly objectFormat?: "sha1" | "sha256";
  /** Only clients that send the token of {@link Forge.requireToken} see the repository. */
  readonly private?: boolean;
}

/** A request that the forge received. */
export interface ForgeRequest extends SeenRequest {
  readonly kind: "api" | "git" | "other";
}

/**
 * A forge on 127.0.0.1 that behaves like Gitea: the two API requests that sources make, and real git over HTTP.
 * A `runtime` is a name in the organisation `molecule-ai`, or `organisation/runtime`.
 */
export interface Forge {
  /** `http://127.0.0.1:PORT` and the base path. */
  readonly baseUrl: string;
  /** A value for `MOLECULE_LOCAL_TEMPLATE_REPO_PREFIX`. */
  repoPrefix(organisation?: string): string;
  /** Creates a template's repository with one commit. Returns its full hash; the same files give the same hash. */
  addTemplate(runtime: string, files: TemplateFiles, options?: TemplateOptions): Promise<string>;
  /**
   * Commits changes on top of a branch, by default the repository's own; a new branch starts from that one.
   * Returns the full hash.
   */
  commit(runtime: string, changes: TemplateChanges, message?: string, branch?: string): Promise<string>;
  /** Runs git in the bare repository: forced pushes (`update-ref`), tags, `gc`. Returns its output. */
  git(runtime: string, args: readonly string[]): Promise<string>;
  /** Renames the repository. The API and git redirect from the old name, by path, with 301 unless `status` is 307. */
  rename(runtime: string, newName: string, options?: { readonly status?: 301 | 307 }): void;
  /**
   * Makes the API require `Authorization: token <token>`, and git the token as Basic password.
   * Without credentials: 401 (git with a challenge), but 404 from the API for a private repository. Wrong ones: 401.
   * With `mayReadRepositories: false` the token lacks the repository scope: 403.
   */
  requireToken(token: string, options?: { readonly mayReadRepositories?: boolean }): void;
  /** Renames an organisation: the API and git redirect from the old name with 307. */
  renameOwner(organisation: string, newName: string): void;
  /** Whether the API reports the repository as empty, as it does for seconds after a first push. */
  setEmpty(runtime: string, isEmpty: boolean): void;
  /** Makes git over HTTP fail with 403, as with `DISABLE_HTTP_GIT`. */
  disableGit(): void;
  /** Sets what the API returns as `commit.id` of every branch; undefined omits it. */
  setApiCommitId(runtime: string, value: unknown): void;
  /** Makes matching requests fail: the first `times` of them, or all. Faults planned first are applied first. */
  fault(match: FaultMatch, fault: Fault, options?: { readonly times?: number }): void;
  clearFaults(): void;
  /** Runs `hook` once, when the next git request arrives and before it is handled. */
  beforeGit(hook: () => Promise<void>): void;
  /** Every request so far, in order of arrival. */
  readonly requests: readonly ForgeRequest[];
  apiRequests(): readonly ForgeRequest[];
  gitRequests(): readonly ForgeRequest[];
  /** Closes every connection, kills every program, and removes the repositories. */
  stop(): Promise<void>;
}
