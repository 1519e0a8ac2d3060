// Root file systems of other Debian releases, stored outside of the tree.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { installTools } from "./install-tools.mjs";

const maker = fileURLToPath(new URL("make-root.mjs", import.meta.url));

export function cacheDirectory(env = process.env) {
  return join(env.XDG_CACHE_HOME || join(env.HOME || homedir(), ".cache"), "molecule", "test-engines");
}

/** The path of a suite's root file system, which may not exist yet. */
export const rootOf = ({ suite }) => join(cacheDirectory(), suite, "root");

/** The inputs that a complete one was created from. */
export const stampOf = ({ suite, packages }) => JSON.stringify({ format: 1, suite, packages });

/** Whether it exists, is complete, and was created from the current list of packages. */
export function isReady(suite) {
  const stampFile = join(cacheDirectory(), suite.suite, "stamp.json");
  if (!existsSync(join(rootOf(suite), "usr", "bin"))) return false;
  return existsSync(stampFile) && readFileSync(stampFile, "utf8") === stampOf(suite);
}

/** Creates the root file system unless it is ready. Returns why that failed, or undefined. */
export function prepareRoot(suite) {
  if (isReady(suite)) return undefined;
  const problem = installTools();
  if (problem !== undefined) return problem;
  const directory = cacheDirectory();
  mkdirSync(directory, { recursive: true });
  console.error(
    `Preparing ${suite.title} in ${join(directory, suite.suite)}: one to three minutes, about 1 GB ...`,
  );
  // The lock is released when the process that holds it exits, for whatever reason.
  const command = [join(directory, `${suite.suite}.lock`), process.execPath, maker, suite.suite];
  const made = spawnSync("flock", command, { stdio: ["ignore", 2, "pipe"], encoding: "utf8" });
  if (isReady(suite)) return undefined;
  const lines = (made.stderr ?? "").trim().split("\n");
  return lines.findLast((line) => /^(?:E:|mmdebstrap)/.test(line)) ?? lines.at(-1) ?? String(made.error);
}
