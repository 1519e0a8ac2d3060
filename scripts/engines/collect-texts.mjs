// npm run engines -- texts [names]: starts engines, runs every registry fault against each, and records their messages.
import { once } from "node:events";
import { dirname } from "node:path";
import {
  startContainerStorage,
  startPrivateEngine,
  startPrivatePodman,
} from "../../packages/test-fixtures/dist/index.js";
import { startInside } from "./inside.mjs";
import { collectTexts } from "./texts.mjs";

const serve = "scripts/engines/serve.mjs";
const insecureRegistries = ["127.0.0.1"];

/** Collects the texts of these engines of the catalog, and of this machine's own. */
export async function collectTextsOf(wanted) {
  const children = [];
  const own = [];
  try {
    const started = await Promise.all(wanted.map((engine) => startOne(engine, children)));
    for (const start of [startPrivateEngine, startPrivatePodman, startContainerStorage])
      own.push(await start({ insecureRegistries }));
    const [docker, podman, storage] = own;
    await collectTexts([
      ...started,
      { name: "docker-20.10", kind: "docker", address: docker.address, directory: directoryOf(docker) },
      { name: "podman-4.3", kind: "podman", address: podman.address, directory: podman.directory },
      {
        name: "buildah-1.28",
        kind: "buildah",
        command: ["buildah"],
        env: storage.env,
        directory: storage.directory,
      },
    ]);
  } finally {
    for (const child of children) if (child.connected) child.disconnect();
    await Promise.all(own.map((engine) => engine.stop()));
  }
}

async function startOne({ name, kind, ...engine }, children) {
  const child = startInside({ name, kind, ...engine }, [serve, kind], { stdio: ["ignore", 2, 2, "ipc"] });
  children.push(child);
  const [{ problem, address, env, pid }] = await once(child, "message");
  if (problem !== undefined) throw new Error(`cannot start ${name}: ${problem}`);
  if (kind !== "buildah") return { name, kind, address, directory: directoryOf({ address }) };
  const command = ["nsenter", `--target=${String(pid)}`, "--mount", "buildah"];
  return { name, kind, command, env, directory: env.HOME };
}

const directoryOf = ({ address }) => dirname(address.replace("unix://", ""));
