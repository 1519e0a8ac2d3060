// The environment of all measurements: a private engine, a forge, a home directory. All of it is removed after the run.
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { startPrivateEngine, temporaryDirectory } from "@molecule/test-fixtures";
import { startForge } from "@molecule/testkit";
import { ask } from "../scripts/demo/engine-api.mjs";
import { root } from "../scripts/pnpm.mjs";
import { startForgeFront } from "./forge-front.mjs";
import { run } from "./program.mjs";
import { serveTemplate, templates } from "./templates.mjs";

export const command = join(root, "packages", "cli", "bin", "molecule-image");

export async function openStage(signal) {
  const closing = [];
  const opened = async (opening, close) => {
    const thing = await opening;
    closing.unshift(() => close(thing));
    return thing;
  };
  const stage = {
    signal,
    close: async () => {
      for (const close of closing) await close().catch((error) => console.error(String(error)));
    },
  };
  try {
    stage.home = await opened(temporaryDirectory(), (home) => home.remove());
    stage.engine = await opened(startPrivateEngine({ offersBuildkit: true }), (engine) => engine.stop());
    stage.forge = await opened(startForge(), (forge) => forge.stop());
    stage.front = await opened(startForgeFront(stage.forge.baseUrl), (front) => front.stop());
  } catch (error) {
    await stage.close();
    throw error;
  }
  stage.opened = opened;
  // The complete environment of every contender.
  stage.env = {
    PATH: process.env.PATH,
    HOME: stage.home.path,
    LANG: "C.UTF-8",
    DOCKER_HOST: stage.engine.address,
    MOLECULE_LOCAL_BUILD_CACHE: join(stage.home.path, "cache"),
    MOLECULE_LOCAL_TEMPLATE_REPO_PREFIX: stage.forge.repoPrefix(),
    GIT_CONFIG_NOSYSTEM: "1",
  };
  // Through the front, which has the responses to look-ups cached.
  stage.frontEnv = {
    ...stage.env,
    MOLECULE_LOCAL_TEMPLATE_REPO_PREFIX: stage.forge
      .repoPrefix()
      .replace(stage.forge.baseUrl, stage.front.baseUrl),
  };
  return Object.assign(stage, actions(stage));
}

function actions({ home, forge, front, engine, env, frontEnv, signal }) {
  const frontPrefix = () => frontEnv.MOLECULE_LOCAL_TEMPLATE_REPO_PREFIX;
  const served = new Set();
  let made = 0;
  return {
    /** Creates a separate directory. */
    async directory() {
      made += 1;
      const path = join(home.path, `work-${made}`);
      await mkdir(path);
      return path;
    },
    /** Serves the template with that name from the forge. */
    async serve(name) {
      if (served.has(name)) return;
      served.add(name);
      await serveTemplate(forge, templates[name]);
    },
    /** Moves the branch and refreshes the front. Returns the new commit. */
    async touch(name) {
      made += 1;
      const { runtime } = templates[name];
      const commit = await forge.commit(runtime, { "message.txt": `change ${made}\n` });
      front.forget();
      await (await fetch(this.lookUp(name))).text();
      return commit;
    },
    url: (name) => `${forge.repoPrefix()}${templates[name].runtime}.git`,
    /** The URL of the look-up of its branch's head, at the front. */
    lookUp: (name) =>
      `${front.baseUrl}/api/v1/repos/molecule-ai/molecule-ai-workspace-template-${templates[name].runtime}/branches/main`,
    /** Fetches exactly that commit, in as few steps as git allows. */
    async fetch(name, sha, directory) {
      const git = (args) => run("git", args, { cwd: directory, env, signal });
      await git(["init", "--quiet"]);
      await git(["fetch", "--quiet", "--depth=1", `${frontPrefix()}${templates[name].runtime}.git`, sha]);
      await git(["checkout", "--quiet", "--force", "--detach", sha]);
    },
    /** Removes the image, the build cache and the checkout. */
    async clean() {
      const images = JSON.parse(await ask(engine.address, "GET", "/images/json"));
      for (const { Id } of images)
        await ask(engine.address, "DELETE", `/images/${Id}?force=true`).catch(() => undefined);
      await ask(engine.address, "POST", "/build/prune?all=true");
      await rm(env.MOLECULE_LOCAL_BUILD_CACHE, { recursive: true, force: true });
    },
    plan: (name) =>
      run(process.execPath, [command, "plan", templates[name].runtime, "--progress", "none"], {
        env: frontEnv,
        signal,
      }),
    ensure: (name, environment = frontEnv, args = []) =>
      run(process.execPath, [command, "ensure", templates[name].runtime, "--progress", "none", ...args], {
        env: environment,
        signal,
      }),
  };
}
