// From a bare clone to built packages: install, compile, bundle the libraries and the command. With `--if-changed`, does
// nothing if the last build is up to date, so that scripts such as the forge start quickly and several can run at once.
import { join } from "node:path";
import { lockBuild } from "./build-lock.mjs";
import { beginBuild, changedSinceBuild } from "./build-stamp.mjs";
import { bundleCli } from "./bundle-cli.mjs";
import { bundleLibraries } from "./bundle-libraries.mjs";
import { pnpm, root } from "./pnpm.mjs";

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Node ${process.versions.node} is too old: install Node 20.19 or newer.`);
  process.exit(1);
}

const isUpToDate = () => process.argv.includes("--if-changed") && changedSinceBuild() === undefined;
if (isUpToDate()) process.exit(0);

const quiet = process.argv.includes("--quiet");
const stdio = quiet ? ["ignore", "ignore", "inherit"] : "inherit";
if (quiet) console.error("Installing and building (the first time takes about half a minute) ...");
const unlock = await lockBuild();
// The build that this one waited for may have been the same.
if (isUpToDate()) process.exit(0);
const recordBuild = beginBuild();
pnpm(["install", "--frozen-lockfile", ...(quiet ? ["--reporter=silent"] : [])], { stdio });
pnpm(["exec", "tsc", "-b", join(root, "tsconfig.json")], { stdio: quiet ? ["ignore", 2, 2] : "inherit" });
await Promise.all([bundleLibraries(), bundleCli()]);
recordBuild();
unlock();
