// Root file systems of other Debian releases, kept outside of the tree.
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

/** Where the root file system of a suite is, or will be. */
export const rootOf = ({ suite }) => join(cacheDirectory(), suite, "root");

/** What a complete one was made from. */
export const stampOf = ({ suite, packages }) => JSON.stringify({ format: 1, suite, packages });

/** Whether it is there, complete, and made from today's list of packages. */
export function isReady(suite) {
  const stampFile = join(cacheDirectory(), suite.suite, "stamp.json");
  if (!existsSync(join(rootOf(suite), "usr", "bin"))) return false;
  return existsSync(stampFile) && readFileSync(stampFile, "utf8") === stampOf(suite);
}

/** Makes the root file system unless it is ready. Returns why it could not be made, or undefined. */
export function prepareRoot(suite) {
  if (isReady(suite)) return undefined;
  const problem = installTools();
  if (problem !== undefined) return problem;
  const directory = cacheDirectory();
  mkdirSync(directory, { recursive: true });
  console.error(
    `Preparing ${suite.title} in ${join(directory, suite.suite)}: one to three minutes, about 1 GB ...`,
  );
  // The lock ends with the process that holds it, however that ends.
  const command = [join(directory, `${suite.suite}.lock`), process.execPath, maker, suite.suite];
  const made = spawnSync("flock", command, { stdio: ["ignore", 2, "pipe"], encoding: "utf8" });
  if (isReady(suite)) return undefined;
  const lines = (made.stderr ?? "").trim().split("\n");
  return lines.findLast((line) => /^(?:E:|mmdebstrap)/.test(line)) ?? lines.at(-1) ?? String(made.error);
}
