// Shows both modes end to end: a build from the template's commit, and a pull from a registry. Stops everything it started.
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { startRegistry, temporaryDirectory } from "../../packages/test-fixtures/dist/index.js";
import { startForge } from "../../packages/testkit/dist/index.js";
import { sampleTemplate } from "../forge/sample-templates.mjs";
import { root } from "../pnpm.mjs";
import { pushImage, removeImage } from "./engine-api.mjs";
import { findOrStartEngine } from "./need.mjs";

const command = join(root, "packages", "cli", "bin", "molecule-image");
const runtime = "hermes";
const closing = [];
const names = new Set();
const interrupted = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => interrupted.abort());

const bold = (text) => (process.stdout.isTTY && !process.env.NO_COLOR ? `\x1b[1m${text}\x1b[0m` : text);
const say = (text) => console.log(`\n${bold(text)}`);

/** Runs the built command as a user would. Returns its stdout. */
function moleculeImage(args, env) {
  console.log(`$ molecule-image ${args.join(" ")}`);
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env, cwd: env.HOME, stdio: ["ignore", "pipe", "inherit"] });
    let result = "";
    child.stdout.setEncoding("utf8").on("data", (text) => {
      result += text;
      process.stdout.write(text);
    });
    child.on("error", reject);
    child.on("exit", (code) => {
      if (interrupted.signal.aborted) reject(new Error("interrupted"));
      else if (code === 0) resolve(result.trim());
      else reject(new Error(`molecule-image ${args.join(" ")} exited with ${code}`));
    });
  });
}

const files = async (message) => ({ ...(await sampleTemplate("hello")), "message.txt": message });

async function demo() {
  const engine = await findOrStartEngine();
  closing.push(() => engine.stop());
  const home = await temporaryDirectory();
  closing.push(() => home.remove());
  const forge = await startForge();
  closing.push(() => forge.stop());

  const { MOLECULE_IMAGE_REGISTRY: _, ...inherited } = process.env;
  const env = {
    ...inherited,
    HOME: home.path,
    XDG_CONFIG_HOME: home.path,
    DOCKER_HOST: engine.address,
    MOLECULE_LOCAL_BUILD_CACHE: join(home.path, "cache"),
    MOLECULE_LOCAL_TEMPLATE_REPO_PREFIX: forge.repoPrefix(),
    // On a user's engine, a suffix keeps the demo's image names apart.
    ...(engine.isPrivate ? {} : { MOLECULE_LOCAL_IMAGE_ISOLATION: `demo-${randomBytes(4).toString("hex")}` }),
  };
  if (!engine.isPrivate) {
    closing.push(async () => {
      for (const name of names) await removeImage(engine.address, name);
    });
  }
  async function ensure(environment) {
    const started = performance.now();
    const reference = await moleculeImage(["ensure", runtime, "--progress", "plain"], environment);
    names.add(reference).add(reference.replace(/:[0-9a-f]{12}/, ":latest"));
    console.log(`  (${((performance.now() - started) / 1000).toFixed(2)} s)`);
    return reference;
  }

  say(
    `1. The forge ${forge.baseUrl} has a template, and no image of its commit exists: it is fetched and built.`,
  );
  await forge.addTemplate(runtime, await files("hello from the first commit\n"));
  await ensure(env);

  say("2. Nothing has changed: one request to the forge, one to the engine.");
  await ensure(env);

  say("3. The template has a new commit, which is built.");
  await forge.commit(runtime, await files("hello from the second commit\n"));
  const reference = await ensure(env);

  say("4. A container is created from the image, by image ID.");
  await moleculeImage(["run", runtime, "--rm"], env);

  if (process.platform !== "linux") {
    say("(Pulling from a local registry is shown on Linux only.)");
    return;
  }
  const registry = await startRegistry();
  closing.push(() => registry.stop());
  const production = { ...env, MOLECULE_IMAGE_REGISTRY: `${registry.host}/acme` };
  const repository = `${production.MOLECULE_IMAGE_REGISTRY}/workspace-template-${runtime}`;
  await pushImage(engine.address, reference, repository);
  await removeImage(engine.address, `${repository}:latest`);

  say(
    `5. The same runtime in production: with MOLECULE_IMAGE_REGISTRY=${production.MOLECULE_IMAGE_REGISTRY}, it is pulled.`,
  );
  await ensure(production);
  await moleculeImage(["run", runtime, "--rm"], production);
  say("Done: both modes work. Everything that the demo started is being stopped.");
}

let status = 0;
try {
  await demo();
} catch (error) {
  status = interrupted.signal.aborted ? 130 : 1;
  console.error(`The demo failed: ${error.message}`);
} finally {
  for (const close of closing.reverse()) {
    await close().catch((error) => console.error(`Cleanup failed: ${error.message}`));
  }
}
process.exit(status);
