// Real parts: an engine behind a fault proxy, a forge, a registry, a cache directory.
import { randomBytes } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import {
  startFaultProxy,
  startPrivateEngine,
  startRegistry,
  temporaryDirectory,
} from "../../packages/test-fixtures/dist/index.js";
import { helloTemplate, startForge } from "../../packages/testkit/dist/index.js";
import { pushImage, removeImage } from "../demo/engine-api.mjs";

export const runtimes = ["hermes", "codex", "langgraph"];
const megabytes = 24;

/** A template that takes a moment to fetch, pack and build. */
export function slowTemplate() {
  const template = helloTemplate({ message: "soak" });
  return {
    ...template,
    Dockerfile: `${template.Dockerfile}RUN echo ${randomBytes(6).toString("hex")} && /bin/sleep 0.4\nCOPY ballast /ballast\n`,
    // Random, so that compression does not shrink it.
    ballast: randomBytes(megabytes * 2 ** 20),
  };
}

export async function openWorld() {
  const closing = [];
  const close = async () => {
    for (const end of closing.splice(0).reverse()) await end();
  };
  try {
    const engine = await startPrivateEngine();
    closing.push(() => engine.stop());
    const proxy = await startFaultProxy({ target: engine.address });
    closing.push(() => proxy.stop());
    const directory = await temporaryDirectory();
    closing.push(() => directory.remove());
    const forge = await startForge();
    closing.push(() => forge.stop());
    const registry = await startRegistry();
    closing.push(() => registry.stop());
    const registryProxy = await startFaultProxy({ target: registry.host });
    closing.push(() => registryProxy.stop());

    const [home, cache, temp] = ["home", "cache", "tmp"].map((name) => join(directory.path, name));
    for (const path of [home, temp]) await mkdir(path, { mode: 0o700 });
    for (const runtime of runtimes) await forge.addTemplate(runtime, slowTemplate());
    const { PATH } = process.env;
    const local = {
      PATH,
      HOME: home,
      TMPDIR: temp,
      DOCKER_HOST: proxy.address,
      MOLECULE_LOCAL_BUILD_CACHE: cache,
      MOLECULE_LOCAL_TEMPLATE_REPO_PREFIX: forge.repoPrefix(),
    };
    const remote = { ...local, MOLECULE_IMAGE_REGISTRY: `${registryProxy.address}/acme` };
    const repository = `acme/workspace-template-${runtimes[0]}`;
    const published = `${registry.host}/${repository}`;
    return {
      engine,
      proxy,
      registryProxy,
      forge,
      directory: directory.path,
      cache,
      temp,
      local,
      remote,
      /** Leaves the image only in the registry, so that the next call has to pull it. */
      async publish(reference) {
        await pushImage(engine.address, reference, published);
        const alias = `${reference.slice(0, reference.lastIndexOf(":"))}:latest`;
        for (const name of [`${published}:latest`, reference, alias]) await removeImage(engine.address, name);
      },
      forget: () => removeImage(engine.address, `${registryProxy.address}/${repository}:latest`),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
