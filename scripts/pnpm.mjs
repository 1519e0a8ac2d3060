// Runs the pinned pnpm, downloaded once into .tools/, so that a bare clone needs neither a global pnpm nor corepack.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const version = JSON.parse(readFileSync(join(root, "package.json"), "utf8")).packageManager.split("@")[1];
const home = join(root, ".tools", `pnpm-${version}`);
// pnpm's `bin` is a native binary behind a shell script; this entry point runs under Node on every platform.
const entry = join(home, "node_modules", "pnpm", "bin", "pnpm.mjs");

/** Returns the file to run with node. Installs it first if it is missing. */
function pnpmFile() {
  if (!existsSync(entry)) {
    const npm = [
      "install",
      "--prefix",
      home,
      "--no-save",
      "--ignore-scripts",
      "--no-audit",
      "--no-fund",
      "--loglevel=error",
    ];
    const { status } = spawnSync("npm", [...npm, `pnpm@${version}`], { stdio: ["ignore", 2, 2] });
    if (status !== 0) {
      console.error(
        `pnpm ${version} could not be installed with npm: check that the npm registry is reachable.`,
      );
      process.exit(status ?? 1);
    }
  }
  return entry;
}

/** Runs pnpm at the root. Exits this process with its status if it fails. */
export function pnpm(args, options = {}) {
  node([pnpmFile(), ...args], options);
}

/** Runs node at the root. Exits this process with its status if it fails. */
export function node(args, options = {}) {
  const { status, signal } = spawnSync(process.execPath, args, { cwd: root, stdio: "inherit", ...options });
  if (status !== 0) process.exit(status ?? (signal ? 1 : 0));
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href)
  pnpm(process.argv.slice(2));
