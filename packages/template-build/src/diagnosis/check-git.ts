import { fine, type SourceServices, type Verdict } from "@molecule/core";
import { absoluteEntries } from "@molecule/node-edges";
import { assertGitVersion, findGit } from "../checkout/git-program.js";

/** Checks that git exists, is new enough, and can be stopped. Rejects with `TOOL_MISSING`. */
export async function checkGit(
  { env, run }: Pick<SourceServices, "env" | "run">,
  signal: AbortSignal,
): Promise<Verdict> {
  const { git } = findGit(env);
  const PATH = absoluteEntries(env["PATH"]).join(":");
  const { stdout } = await run(git, ["version"], { env: { PATH, LC_ALL: "C" }, signal });
  assertGitVersion(stdout);
  return fine(`${stdout.trim()} at ${git}`);
}
