import { findProgram, programPath, runProgram } from "../run/programs.js";

/** git as the forge runs it: without the user's configuration, and with a fixed author. */
export interface GitProgram {
  readonly file: string;
  readonly env: Readonly<Record<string, string>>;
  /** Runs git to completion and returns its output. */
  run(args: readonly string[], input?: Buffer): Promise<string>;
}

/** `home` is a directory that belongs to the forge. Rejects with `TOOL_MISSING`. */
export async function findGit(home: string): Promise<GitProgram> {
  const file = await findProgram("git", "git");
  const env = {
    PATH: programPath(),
    HOME: home,
    LC_ALL: "C",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_TERMINAL_PROMPT: "0",
    // Sends large files without delta compression, which takes minutes for a gibibyte.
    GIT_CONFIG_COUNT: "1",
    GIT_CONFIG_KEY_0: "core.bigFileThreshold",
    GIT_CONFIG_VALUE_0: "8m",
    GIT_AUTHOR_NAME: forgeUser.name,
    GIT_AUTHOR_EMAIL: forgeUser.email,
    GIT_COMMITTER_NAME: forgeUser.name,
    GIT_COMMITTER_EMAIL: forgeUser.email,
  };
  const run = (args: readonly string[], input?: Buffer): Promise<string> =>
    runProgram(file, args, input === undefined ? { env } : { env, input });
  return { file, env, run };
}

/** The author of every commit. */
export const forgeUser = { name: "Molecule Testkit", email: "testkit@molecule.invalid" } as const;
