import { join } from "node:path";
import type { TemplateOptions } from "./forge.js";
import type { GitProgram } from "./git-program.js";
import type { TemplateFiles } from "./template-file.js";
import { TemplateRepository } from "./template-repository.js";

/** The redirect target of a renamed repository. */
export interface MovedRepository {
  readonly movedTo: { readonly name: string; readonly owner?: string };
  readonly status: 301 | 307;
}

/** The prefix of a template's repository name, before the runtime's name. */
export const templatePrefix = "molecule-ai-workspace-template-";

/** The organisation of a runtime that is given without one. */
export const defaultOrganisation = "molecule-ai";

/** The repositories of a forge, by their current and former names. */
export class RepositoryShelf {
  readonly #byRuntime = new Map<string, TemplateRepository>();
  readonly #owners = new Map<string, string>();
  readonly #byName = new Map<string, TemplateRepository | MovedRepository>();

  constructor(
    private readonly git: GitProgram,
    private readonly directory: string,
    private readonly allowAnySha: boolean,
  ) {}

  async add(runtime: string, files: TemplateFiles, options: TemplateOptions): Promise<string> {
    const { organisation, name } = split(runtime);
    const key = `${organisation}/${name}`;
    if (this.#byRuntime.has(key))
      throw new TypeError(`there is a template ${key} already; commit() changes it`);
    const { branch = "main", defaultBranch = branch, objectFormat = "sha1" } = options;
    const repositoryName = templatePrefix + name;
    const repository = await TemplateRepository.create(this.git, repositoryName, {
      directory: join(this.directory, organisation, `${repositoryName}.git`),
      organisation,
      defaultBranch,
      objectFormat,
      isPrivate: options.private ?? false,
      allowAnySha: this.allowAnySha,
    });
    const sha = await repository.commit(branch, files, "Add the template\n");
    this.#byRuntime.set(key, repository);
    this.#byName.set(repository.fullName, repository);
    return sha;
  }

  /** Returns the repository of a runtime whose template was added. Throws a `TypeError` for any other. */
  of(runtime: string): TemplateRepository {
    const { organisation, name } = split(runtime);
    const repository = this.#byRuntime.get(`${organisation}/${name}`);
    if (repository === undefined) throw new TypeError(`there is no template ${organisation}/${name}`);
    return repository;
  }

  rename(runtime: string, newName: string, status: 301 | 307): void {
    const repository = this.of(runtime);
    this.#byName.set(repository.fullName, { movedTo: { name: newName }, status });
    repository.name = newName;
    this.#byName.set(repository.fullName, repository);
  }

  /** Redirects a request for the old owner to the new one, under the repository's current name there. */
  renameOwner(organisation: string, newName: string): void {
    this.#owners.set(organisation, newName);
    for (const [fullName, repository] of [...this.#byName]) {
      const [owner = "", name = ""] = fullName.split("/");
      if (owner !== organisation) continue;
      this.#byName.delete(fullName);
      this.#byName.set(`${newName}/${name}`, repository);
    }
  }

  /** Looks a repository up by the name in a request. */
  find(organisation: string, name: string): TemplateRepository | MovedRepository | undefined {
    const owner = this.#owners.get(organisation);
    if (owner !== undefined) return { movedTo: { name, owner }, status: 307 };
    return this.#byName.get(`${organisation}/${name}`);
  }
}

function split(runtime: string): { organisation: string; name: string } {
  const slash = runtime.indexOf("/");
  if (slash === -1) return { organisation: defaultOrganisation, name: runtime };
  return { organisation: runtime.slice(0, slash), name: runtime.slice(slash + 1) };
}
