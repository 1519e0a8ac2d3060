import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Run, RunOptions, RunResult } from "@molecule/core";

/** Writes `~/.docker/config.json` below a home directory and returns its path. */
export async function writeDockerConfig(home: string, content: unknown): Promise<string> {
  await mkdir(join(home, ".docker"), { recursive: true });
  const path = join(home, ".docker", "config.json");
  await writeFile(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
}

export const basic = (user: string, password: string): string =>
  Buffer.from(`${user}:${password}`).toString("base64");

export interface HelperRun {
  readonly command: string;
  readonly args: readonly string[];
  readonly options: RunOptions;
}

/** Fakes programs: records the runs and returns the result that the test provides. */
export function helperRuns(answer: (run: HelperRun) => Partial<RunResult> | Promise<Partial<RunResult>>): {
  readonly run: Run;
  readonly runs: HelperRun[];
} {
  const runs: HelperRun[] = [];
  return {
    runs,
    run: async (command, args, options) => {
      const run = { command, args, options };
      runs.push(run);
      return { exitCode: 0, stdout: "", stderr: "", ended: "itself", ...(await answer(run)) };
    },
  };
}

/** Returns the output of a helper that has credentials. */
export const helperSays = (username: string, secret: string): Partial<RunResult> => ({
  stdout: `${JSON.stringify({ Username: username, Secret: secret })}\n`,
});
