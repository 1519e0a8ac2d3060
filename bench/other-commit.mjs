// Another commit, built in a worktree that is removed afterwards.
import { spawnSync } from "node:child_process";
import { cp, rm } from "node:fs/promises";
import { join } from "node:path";
import { temporaryDirectory } from "@molecule/test-fixtures";
import { root } from "../scripts/pnpm.mjs";
import { run } from "./program.mjs";

/**
 * Builds the commit with the tools that it pins, and gives it the measuring scripts of this checkout, so that both are
 * measured by the same code.
 * @returns the path of its tree, and `close`
 */
export async function openOtherCommit(rev, signal) {
  const git = (...args) => run("git", args, { cwd: root, signal });
  const commit = await git("rev-parse", "--verify", "--quiet", "--end-of-options", `${rev}^{commit}`).catch(
    () => {
      signal.throwIfAborted();
      throw new Error(`${rev} is not a commit of this repository`);
    },
  );
  const directory = await temporaryDirectory();
  const tree = join(directory.path, "tree");
  const close = async () => {
    // Not awaited on the signal: it also runs after an interruption.
    spawnSync("git", ["worktree", "remove", "--force", tree], { cwd: root, stdio: "ignore" });
    await directory.remove();
  };
  try {
    await git("worktree", "add", "--quiet", "--detach", tree, commit.trim());
    process.stderr.write(`Building ${rev} ...\n`);
    await run(process.execPath, [join(tree, "scripts", "setup.mjs")], { cwd: tree, signal });
    for (const part of ["children", "compare.mjs"]) {
      await rm(join(tree, "bench", part), { recursive: true, force: true });
      await cp(join(root, "bench", part), join(tree, "bench", part), { recursive: true });
    }
    return { tree, close };
  } catch (error) {
    await close();
    throw error;
  }
}
