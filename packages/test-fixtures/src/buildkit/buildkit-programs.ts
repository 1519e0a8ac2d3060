import { execFile, execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const prepare = fileURLToPath(new URL("../../buildkit/prepare.sh", import.meta.url));

/** Returns why BuildKit can be neither found nor built; undefined if it can. */
export function missingForBuildkit(): string | undefined {
  const why = execFileSync(prepare, ["check"], { encoding: "utf8" }).trim();
  return why === "" ? undefined : why;
}

/**
 * Returns the directory of `buildkitd` and `buildctl`. The first call on a machine builds them from source with Go, which
 * takes minutes.
 */
export async function buildkitPrograms(): Promise<string> {
  const { stdout } = await promisify(execFile)(prepare, { maxBuffer: 16 * 1024 * 1024 });
  return stdout.trim();
}
