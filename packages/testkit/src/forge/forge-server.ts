import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { respond, seenRequest } from "../http/http-server.js";
import { apiCredentials, gitCredentials } from "./access.js";
import { FaultList } from "./fault.js";
import { parseForgePath, type ForgePath } from "./forge-path.js";
import type { ForgeRequest } from "./forge.js";
import type { GitProgram } from "./git-program.js";
import { apiAbout, apiBranch, apiError, apiRefs, apiRepository, type ApiAnswer } from "./gitea-api.js";
import { endGroup, serveGit } from "./http-backend.js";
import type { RepositoryShelf } from "./repository-shelf.js";
import type { TemplateRepository } from "./template-repository.js";

type ApiPath = Extract<ForgePath, { kind: "api" }>;
type GitPath = Extract<ForgePath, { kind: "git" }>;

/** Handles a forge's requests. */
export class ForgeServer {
  readonly faults = new FaultList();
  readonly requests: ForgeRequest[] = [];
  token: string | undefined;
  /** Whether the token has the scope for repositories. */
  mayReadRepositories = true;
  servesGit = true;
  /** Runs before the next git request is handled. */
  hook: (() => Promise<void>) | undefined;
  #hookRun: Promise<void> = Promise.resolve();
  readonly #programs = new Set<ChildProcess>();

  constructor(
    private readonly git: GitProgram,
    private readonly shelf: RepositoryShelf,
    private readonly options: { readonly basePath: string; readonly allowAnySha: boolean },
  ) {}

  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = parseForgePath(this.options.basePath, request.url ?? "");
    const kind = path.kind === "about" ? "api" : path.kind;
    this.requests.push({ ...seenRequest(request), kind });
    if (path.kind === "git") await this.#runHook();
    if (await this.faults.serve(kind, request, response)) return;
    if (path.kind === "other") {
      respond(response, 404, {}, "Not found.\n");
      return;
    }
    if (path.kind === "about") {
      const { status, body } = apiAbout(
        path.what,
        apiCredentials(request, this.token),
        request.headers.host ?? "",
      );
      respond(response, status, { "content-type": "application/json;charset=utf-8" }, JSON.stringify(body));
      return;
    }
    const found = this.shelf.find(path.organisation, path.name);
    if (found !== undefined && "movedTo" in found) {
      const { name, owner } = found.movedTo;
      respond(response, found.status, { location: path.renamed(name, owner) }, "");
    } else if (path.kind === "git") {
      this.#serveGit(path, found, request, response);
    } else {
      const { status, body } = await this.#askApi(path, found, request);
      respond(response, status, { "content-type": "application/json;charset=utf-8" }, JSON.stringify(body));
    }
  }

  /** Kills the programs that serve git, and waits until they exit. */
  async stop(): Promise<void> {
    const ends = [...this.#programs].map((program) => once(program, "close"));
    for (const program of this.#programs) endGroup(program);
    await Promise.all(ends);
  }

  /** A second request waits for the hook that the first one started. */
  #runHook(): Promise<void> {
    const { hook } = this;
    this.hook = undefined;
    if (hook !== undefined) this.#hookRun = hook();
    return this.#hookRun;
  }

  async #askApi(
    path: ApiPath,
    repository: TemplateRepository | undefined,
    request: IncomingMessage,
  ): Promise<ApiAnswer> {
    const baseUrl = `http://${request.headers.host ?? ""}${this.options.basePath}`;
    const notFound = apiError(404, "not found", baseUrl);
    const credentials = apiCredentials(request, this.token);
    if (credentials === "wrong") return apiError(401, "user does not exist [uid: 0, name: ]", baseUrl);
    if (credentials === "right" && !this.mayReadRepositories) {
      const required = "token does not have at least one of required scope(s): [read:repository]";
      return apiError(403, required, baseUrl);
    }
    if (repository === undefined) return notFound;
    if (credentials === "none" && repository.facts.isPrivate) return notFound;
    if (credentials === "none" && this.token !== undefined)
      return apiError(401, "token is required", baseUrl);
    if (path.branch === undefined) return apiRepository(repository, baseUrl);
    if (repository.isEmpty) return notFound;
    if (path.isRef) return apiRefs(repository, path.branch, baseUrl);
    const tip = await repository.tip(path.branch);
    return tip === undefined ? notFound : apiBranch(repository, path.branch, tip, baseUrl);
  }

  #serveGit(
    path: GitPath,
    repository: TemplateRepository | undefined,
    request: IncomingMessage,
    response: ServerResponse,
  ): void {
    if (!this.servesGit) {
      const words = "Interacting with repositories by HTTP protocol is not allowed";
      respond(response, 403, { "content-type": "text/plain; charset=utf-8" }, words);
      return;
    }
    const credentials = gitCredentials(request, this.token);
    const closed = this.token !== undefined || repository?.facts.isPrivate === true;
    if (credentials === "wrong" || (credentials === "none" && closed)) {
      respond(response, 401, { "www-authenticate": 'Basic realm="Gitea"' }, "Unauthorized\n");
      return;
    }
    if (repository === undefined) {
      respond(response, 404, {}, "Not found.\n");
      return;
    }
    const { directory } = repository.facts;
    const { service, query } = path;
    const program = serveGit(this.git, request, response, {
      directory,
      service,
      query,
      passProtocol: this.options.allowAnySha,
    });
    this.#programs.add(program);
    program.on("close", () => this.#programs.delete(program));
  }
}
