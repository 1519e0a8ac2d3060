// The demo's requirements: a container engine, git, and on Linux a static busybox and a registry.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { findEngine, startPrivateEngine } from "../../packages/test-fixtures/dist/index.js";

const isLinux = process.platform === "linux";
const searched = [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin", "/sbin", "/usr/local/bin"];
const has = (program) => searched.some((directory) => existsSync(join(directory, program)));

/** The missing requirements, by the Debian package that contains them. */
function missingPackages(engine) {
  const needed = [["git", "git"]];
  if (isLinux) needed.push(["busybox", "busybox-static"], ["docker-registry", "docker-registry"]);
  if (isLinux && engine === undefined) needed.push(["dockerd", "docker.io"], ["ip", "iproute2"]);
  return needed.filter(([program]) => !has(program)).map(([, name]) => name);
}

/** Exits the demo with one line that names what to install. */
function giveUp(line) {
  console.error(`The demo cannot run: ${line}`);
  process.exit(4);
}

function install(packages) {
  const isRoot = process.getuid?.() === 0;
  const list = packages.join(" ");
  if (!isRoot || !has("apt-get")) giveUp(`install ${list}, for example with: sudo apt-get install ${list}`);
  console.log(`This machine lacks ${list}: installing with apt-get, as root.`);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  for (const args of [
    ["update", "-qq"],
    ["install", "-y", "-qq", "--no-install-recommends", ...packages],
  ]) {
    const { status } = spawnSync("apt-get", args, { env, stdio: ["ignore", "ignore", "inherit"] });
    if (status !== 0) giveUp(`apt-get ${args[0]} failed; install ${list} by hand.`);
  }
}

/** Returns the engine to use: an existing one, or a private one that is removed with the demo. */
export async function findOrStartEngine() {
  const address = await findEngine(process.env);
  const missing = missingPackages(address);
  if (address === undefined && (!isLinux || process.getuid?.() !== 0)) {
    giveUp(
      "no container engine responds: install and start Docker, set DOCKER_HOST, or run this as root on Debian.",
    );
  }
  if (missing.length > 0) install(missing);
  if (address !== undefined) return { address, isPrivate: false, stop: () => Promise.resolve() };
  console.log(
    "No container engine responds: starting a private one (dockerd with its own socket, storage and bridge).",
  );
  const engine = await startPrivateEngine();
  return { address: engine.address, isPrivate: true, stop: () => engine.stop() };
}
