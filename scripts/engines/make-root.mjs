// Creates the root file system of one suite. Runs under a lock, so any leftovers next to the finished one are abandoned.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findEngines, suitesOf } from "./catalog.mjs";
import { cacheDirectory, isReady, stampOf } from "./root-cache.mjs";

const suite = suitesOf(findEngines(["all"])).find((candidate) => candidate.suite === process.argv[2]);
if (suite === undefined) throw new TypeError(`unknown suite ${process.argv[2]}`);
// Another process may have created it while this one waited for the lock.
if (isReady(suite)) process.exit(0);

const directory = cacheDirectory();
for (const name of readdirSync(directory)) {
  if (name === suite.suite || name.startsWith(`${suite.suite}.part-`)) {
    rmSync(join(directory, name), { recursive: true, force: true });
  }
}
const part = mkdtempSync(join(directory, `${suite.suite}.part-`));
const { status } = spawnSync(
  "mmdebstrap",
  [
    ...["--mode=root", "--variant=minbase", `--include=${suite.packages.join(",")}`],
    ...suite.aptOptions.map((option) => `--aptopt=${option}`),
    ...[suite.suite, join(part, "root")],
  ],
  { stdio: ["ignore", "ignore", "inherit"] },
);
if (status === 0) {
  writeFileSync(join(part, "stamp.json"), stampOf(suite));
  renameSync(part, join(directory, suite.suite));
} else {
  rmSync(part, { recursive: true, force: true });
}
process.exit(status ?? 1);
