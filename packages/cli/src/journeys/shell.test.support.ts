import { spawn, type ChildProcess } from "node:child_process";
import { bin, type Env, type World } from "./command-world.test.support.js";

export interface ShellOutcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningShell {
  readonly child: ChildProcess;
  readonly done: Promise<ShellOutcome>;
}

/** Runs a bash script in which `"$@"` is the command, so that its streams can be redirected as in a user's shell. */
export function startShell(
  world: World,
  script: string,
  args: readonly string[],
  options: { readonly env?: Env; readonly cwd?: string; readonly uid?: number } = {},
): RunningShell {
  const { env = {}, cwd = world.cwd, uid } = options;
  const child = spawn("/bin/bash", ["-c", script, "bash", bin, ...args], {
    cwd,
    env: { ...world.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: 120_000,
    ...(uid === undefined ? {} : { uid, gid: uid }),
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const done = new Promise<ShellOutcome>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (status, signal) => {
      if (signal === null) resolve({ status, stdout, stderr });
      else reject(new Error(`${script} was killed by ${signal}: ${stderr}`));
    });
  });
  return { child, done };
}

export const runShell = (...args: Parameters<typeof startShell>): Promise<ShellOutcome> =>
  startShell(...args).done;
