import { join } from "node:path";
import { respond, startHttpServer } from "../http/http-server.js";
import { temporaryDirectory, type TemporaryDirectory } from "../files/temporary-directory.js";
import { ForgeServer } from "./forge-server.js";
import type { Forge, ForgeOptions } from "./forge.js";
import { findGit } from "./git-program.js";
import { defaultOrganisation, RepositoryShelf, templatePrefix } from "./repository-shelf.js";

/** Starts a forge. Rejects with `TOOL_MISSING` without git, and with Node's error if the port cannot be used. */
export async function startForge(options: ForgeOptions = {}): Promise<Forge> {
  const directory = await temporaryDirectory();
  try {
    return await startIn(directory, options);
  } catch (error) {
    await directory.remove();
    throw error;
  }
}

async function startIn(directory: TemporaryDirectory, options: ForgeOptions): Promise<Forge> {
  const { basePath = "", allowAnySha = true, port = 0 } = options;
  const git = await findGit(directory.path);
  const shelf = new RepositoryShelf(git, join(directory.path, "repositories"), allowAnySha);
  const forge = new ForgeServer(git, shelf, { basePath, allowAnySha });
  const server = await startHttpServer(
    (request, response) => {
      forge.serve(request, response).catch((error: unknown) => {
        if (response.headersSent) response.destroy();
        else respond(response, 500, {}, String(error));
      });
    },
    { port },
  );
  const baseUrl = `http://127.0.0.1:${String(server.port)}${basePath}`;
  return {
    baseUrl,
    repoPrefix: (organisation = defaultOrganisation) => `${baseUrl}/${organisation}/${templatePrefix}`,
    addTemplate: (runtime, files, templateOptions = {}) => shelf.add(runtime, files, templateOptions),
    commit: async (runtime, changes, message = "Change the template\n", branch) => {
      const repository = shelf.of(runtime);
      return repository.commit(branch ?? repository.facts.defaultBranch, changes, message);
    },
    git: async (runtime, args) => shelf.of(runtime).git(args),
    rename: (runtime, newName, { status = 301 } = {}) => {
      shelf.rename(runtime, newName, status);
    },
    requireToken: (token, { mayReadRepositories = true } = {}) => {
      forge.token = token;
      forge.mayReadRepositories = mayReadRepositories;
    },
    renameOwner: (organisation, newName) => {
      shelf.renameOwner(organisation, newName);
    },
    setEmpty: (runtime, isEmpty) => {
      shelf.of(runtime).isEmpty = isEmpty;
    },
    disableGit: () => {
      forge.servesGit = false;
    },
    setApiCommitId: (runtime, value) => {
      shelf.of(runtime).apiCommitId = { value };
    },
    fault: (match, fault, { times = Infinity } = {}) => {
      forge.faults.add(match, fault, times);
    },
    clearFaults: () => {
      forge.faults.clear();
    },
    beforeGit: (hook) => {
      forge.hook = hook;
    },
    requests: forge.requests,
    apiRequests: () => forge.requests.filter(({ kind }) => kind === "api"),
    gitRequests: () => forge.requests.filter(({ kind }) => kind === "git"),
    stop: async () => {
      await server.stop();
      await forge.stop();
      await directory.remove();
    },
  };
}
