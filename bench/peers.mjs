// Other tools, as installed on this machine.
import { createRequire } from "node:module";
import { placesOf, run } from "./program.mjs";

/** Finds a `docker` that can build with BuildKit: one with the buildx plugin, or an old one with BuildKit built in. */
export async function findDocker(env) {
  for (const file of placesOf("docker")) {
    const version = /(\d+)\.\d+\.\d+/.exec(await run(file, ["--version"], { env }));
    const hasBuildx = await run(file, ["buildx", "version"], { env }).then(
      () => true,
      () => false,
    );
    if (hasBuildx || Number(version?.[1]) < 23) return file;
  }
  return undefined;
}

/** The name, path and version of each program. A missing program has no path. */
export async function findPeers(env) {
  const docker = await findDocker(env);
  const found = {
    docker,
    ...Object.fromEntries(["podman", "buildah", "skopeo", "git"].map((name) => [name, placesOf(name)[0]])),
  };
  const peers = {};
  for (const [name, file] of Object.entries(found)) {
    const version =
      file === undefined ? undefined : (await run(file, ["--version"], { env })).trim().split("\n")[0];
    peers[name] = { file, version, missing: file === undefined ? `${name} is not in PATH` : undefined };
  }
  const { version } = createRequire(import.meta.url)("testcontainers/package.json");
  peers.testcontainers = { version: `testcontainers ${version}`, missing: undefined };
  return peers;
}
