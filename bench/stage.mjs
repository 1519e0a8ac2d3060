// The environment of all measurements: a private engine, a forge, a home directory. All of it is removed after the run.
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { startContainerStorage, startPrivateEngine, temporaryDirectory } from "@molecule/test-fixtures";
import { startForge } from "@molecule/testkit";
import { ask } from "../scripts/demo/engine-api.mjs";
import { root } from "../scripts/pnpm.mjs";
import { startForgeFront } from "./forge-front.mjs";
import { run } from "./program.mjs";
import { serveTemplate, templates } from "./templates.mjs";

/** Opens the stage for this checkout. */
export async function openStage(signal) {
  const closing = [];
  const opened = async (opening, close) => {
    const thing = await opening;
    closing.unshift(() => close(thing));
    return thing;
  };
  const close = async () => {
    for (const end of closing) await end().catch((error) => console.error(String(error)));
  };
  try {
    const home = await opened(temporaryDirectory(), (directory) => directory.remove());
    const engine = await opened(startPrivateEngine({ offersBuildkit: true }), (started) => started.stop());
    const forge = await opened(startForge(), (started) => started.stop());
    const front = await opened(startForgeFront(forge.baseUrl), (started) => started.stop());
    const shared = { signal, opened, close, home, engine, forge, front, served: new Set(), made: 0 };
    return stageOf(shared, root, "this");
  } catch (error) {
    await close();
    throw error;
  }
}

/** The stage for the checkout in `tree`: the same engine and forge, with its own cache and its own images. */
function stageOf(shared, tree, name) {
  const { home, engine, forge, front, signal } = shared;
  // The complete environment of every contender.
  const env = {
    PATH: process.env.PATH,
    HOME: home.path,
    LANG: "C.UTF-8",
    DOCKER_HOST: engine.address,
    MOLECULE_LOCAL_BUILD_CACHE: join(home.path, `cache-${name}`),
    MOLECULE_LOCAL_IMAGE_ISOLATION: name,
    MOLECULE_LOCAL_TEMPLATE_REPO_PREFIX: forge.repoPrefix(),
    GIT_CONFIG_NOSYSTEM: "1",
  };
  const frontPrefix = forge.repoPrefix().replace(forge.baseUrl, front.baseUrl);
  // Through the front, which has the responses to lookups cached.
  const frontEnv = { ...env, MOLECULE_LOCAL_TEMPLATE_REPO_PREFIX: frontPrefix };
  const command = join(tree, "packages", "cli", "bin", "molecule-image");
  const molecule = (args, environment) =>
    run(process.execPath, [command, ...args], { env: environment, signal });
  return {
    ...shared,
    tree,
    env,
    frontEnv,
    command,
    /** The same stage, for another checkout. */
    for: (otherTree, otherName) => stageOf(shared, otherTree, otherName),
    /** The script that runs in a process of its own, with the packages of the tree. */
    child: (script) => join(tree, "bench", "children", `${script}.mjs`),
    /** Creates a separate directory. */
    async directory() {
      shared.made += 1;
      const path = join(home.path, `work-${shared.made}`);
      await mkdir(path);
      return path;
    },
    /** Creates a separate storage for podman or buildah. Returns the environment that selects it. */
    async storage() {
      return (await shared.opened(startContainerStorage(), (started) => started.stop())).env;
    },
    /** Serves the template with that name from the forge. */
    async serve(template) {
      if (shared.served.has(template)) return;
      shared.served.add(template);
      await serveTemplate(forge, templates[template]);
    },
    /** Moves the branch by changing one file, and refreshes the front. Returns the new commit. */
    async touch(template) {
      shared.made += 1;
      const { runtime } = templates[template];
      const commit = await forge.commit(runtime, { "message.txt": `change ${shared.made}\n` });
      front.forget();
      await (await fetch(this.lookUp(template))).text();
      return commit;
    },
    url: (template) => `${forge.repoPrefix()}${templates[template].runtime}.git`,
    /** The URL of the repository at the front, as `ensure` uses it. */
    frontUrl: (template) => `${frontPrefix}${templates[template].runtime}.git`,
    /** The URL of the lookup of its branch's head, at the front. */
    lookUp: (template) =>
      `${front.baseUrl}/api/v1/repos/molecule-ai/molecule-ai-workspace-template-${templates[template].runtime}/branches/main`,
    /** Fetches exactly that commit, in as few steps as git allows. */
    async fetch(template, sha, directory) {
      const git = (args) => run("git", args, { cwd: directory, env, signal });
      await git(["init", "--quiet"]);
      await git(["fetch", "--quiet", "--depth=1", this.frontUrl(template), sha]);
      await git(["checkout", "--quiet", "--force", "--detach", sha]);
    },
    /** Removes all images, the build cache and the checkouts. */
    async clean() {
      const images = JSON.parse(await ask(engine.address, "GET", "/images/json"));
      for (const { Id } of images)
        await ask(engine.address, "DELETE", `/images/${Id}?force=true`).catch(() => undefined);
      await ask(engine.address, "POST", "/build/prune?all=true");
      await rm(env.MOLECULE_LOCAL_BUILD_CACHE, { recursive: true, force: true });
    },
    plan: (template) => molecule(["plan", templates[template].runtime, "--progress", "none"], frontEnv),
    ensure: (template, environment = frontEnv, args = []) =>
      molecule(["ensure", templates[template].runtime, "--progress", "none", ...args], environment),
  };
}
