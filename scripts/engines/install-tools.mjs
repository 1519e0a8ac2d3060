// mmdebstrap creates root file systems; it is installed if that needs no confirmation.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

const has = (program) =>
  (process.env.PATH ?? "").split(delimiter).some((directory) => existsSync(join(directory, program)));

/** Installs mmdebstrap if it is missing. Returns why that is impossible, or undefined. */
export function installTools() {
  if (process.platform !== "linux" || process.getuid() !== 0) return "it needs root on Linux";
  if (has("mmdebstrap")) return undefined;
  if (!has("apt-get")) return "mmdebstrap is not installed: install it with your package manager";
  console.error("This machine lacks mmdebstrap: installing it with apt-get, as root.");
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  for (const args of [
    ["update", "-qq"],
    ["install", "-y", "-qq", "--no-install-recommends", "mmdebstrap"],
  ]) {
    const { status } = spawnSync("apt-get", args, { env, stdio: ["ignore", "ignore", "inherit"] });
    if (status !== 0) return `apt-get ${args[0]} failed; install mmdebstrap by hand`;
  }
  return undefined;
}
