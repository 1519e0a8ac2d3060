import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const version = "24.21.0";
const tools = join(dirname(dirname(fileURLToPath(import.meta.url))), ".tools");

/** Returns the program of a Node newer than the oldest supported one. It is downloaded from npm, once. */
export async function newerNode(): Promise<string> {
  const home = join(tools, `node-${version}`);
  // The binary for one platform, which the npm package `node` would install with a script.
  const name = `node-${process.platform}-${process.arch}`;
  const program = join(home, "node_modules", name, "bin", "node");
  if (!existsSync(program)) {
    const args = ["install", "--prefix", home, "--no-save", "--ignore-scripts", "--no-audit", "--no-fund"];
    await promisify(execFile)("npm", [...args, `${name}@${version}`]);
  }
  return program;
}
