// The only way into a root file system: a mount namespace with its programs, which ends with its last process.
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { root as checkout } from "../pnpm.mjs";
import { rootOf } from "./root-cache.mjs";

const enter = fileURLToPath(new URL("enter.sh", import.meta.url));

/** The path of node inside. */
const node = "/usr/local/bin/node";

/**
 * Starts node with these arguments among the programs of the engine's suite, set up so that private engines use that
 * engine.
 */
export function startInside(engine, args, { env = {}, stdio = "inherit" } = {}) {
  const settings = engine.imageStore === undefined ? {} : { MOLECULE_TEST_IMAGE_STORE: engine.imageStore };
  const place = [rootOf(engine.from), process.execPath];
  return spawn(
    "unshare",
    ["--mount", "--propagation=slave", "--", "/bin/sh", enter, ...place, node, ...args],
    {
      cwd: checkout,
      env: { ...process.env, ...settings, ...env },
      stdio,
    },
  );
}
