// Hosts that share their builds: a provider each, with its own home, cache and local tags, in one process. Prints the
// outcome of each host as JSON, with times in milliseconds since the first host started.
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { createImageProvider } from "@molecule/host";
import giteaLocalBuild from "@molecule/source-gitea-local-build";

const { runtime, engines, hosts, overMs, home, round, share } = JSON.parse(process.argv[2]);
const began = performance.now();

async function host(index) {
  const engine = engines[index % engines.length];
  const own = join(home, `host-${index}`);
  const images = await createImageProvider({
    cwd: "/",
    env: {
      ...process.env,
      HOME: own,
      DOCKER_HOST: engine,
      MOLECULE_LOCAL_BUILD_CACHE: join(own, "cache"),
      MOLECULE_LOCAL_IMAGE_ISOLATION: `host-${round}-${index}`,
    },
    config: false,
    settings: { options: { "gitea-local-build": { share } } },
    plugins: [giteaLocalBuild],
  });
  await delay((index * overMs) / hosts);
  const outcome = { engine, built: false, pulled: false };
  const { imageId } = await images.ensure(runtime, {
    onProgress({ step, type, ok }) {
      if (step === "build" && type === "started") outcome.built = true;
      if (step === "pull" && type === "finished" && ok) outcome.pulled = true;
      // The image has its local tag before it is pushed.
      if (step === "tag" && type === "finished") outcome.readyMs ??= performance.now() - began;
    },
  });
  await images.close();
  return { ...outcome, imageId };
}

console.log(JSON.stringify(await Promise.all(Array.from({ length: hosts }, (_, index) => host(index)))));
