import { spawn } from "node:child_process";
import { once } from "node:events";
import { Socket } from "node:net";
import { programPath } from "@molecule/testkit/internal";

export interface KeptProgramOptions {
  /** An absolute path and the arguments. */
  readonly command: readonly string[];
  /** Where its output is written. */
  readonly logFile: string;
  /** The whole environment of the program and of the scripts, except PATH. */
  readonly env: Readonly<Record<string, string>>;
  /** Shell commands to run before the program. If one fails, the program is not started. */
  readonly setUp?: string;
  /** Shell commands to run before the program is asked to exit. */
  readonly beforeStop?: string;
  /** Shell commands to run after the program has exited, for whatever reason. */
  readonly tearDown: string;
}

export interface KeptProgram {
  /** Resolves with the last lines of output when the program has exited and everything is torn down. */
  readonly ended: Promise<string>;
  /** Sends SIGTERM, then SIGKILL after ten seconds, and tears down. Resolves when that is done. May be called again. */
  stop(): Promise<void>;
}

/*
 * The keeper holds the program and cleans up after it. It is a separate program because it must outlive its
 * starter: its standard input closes when the starter stops it, and also when the starter is killed.
 */
const keeper = ({ setUp = ":", beforeStop = ":", tearDown }: KeptProgramOptions): string => `
set_up() {
  set -e
  ${setUp}
}
(set_up)
if [ $? -eq 0 ]; then
  exec 3<&0
  "$@" >"$LOG_FILE" 2>&1 </dev/null 3<&- &
  program=$!
  trap '' PIPE
  (
    cat <&3 >/dev/null
    ${beforeStop}
    kill -TERM $program
    turns=0
    while kill -0 $program && [ $turns -lt 100 ]; do sleep 0.1; turns=$((turns + 1)); done
    kill -KILL $program
  ) >/dev/null 2>&1 &
  watcher=$!
  wait $program
  kill $watcher
  tail -n 20 "$LOG_FILE" >&2
fi
${tearDown}
`;

/** Starts a program that exits, and is cleaned up after, no later than this process. */
export function startKeptProgram(options: KeptProgramOptions): KeptProgram {
  const { command, logFile, env } = options;
  const child = spawn("/bin/sh", ["-c", keeper(options), "keeper", ...command], {
    env: { PATH: programPath(), LOG_FILE: logFile, ...env },
    // In its own session: ^C on the terminal goes to the starter, and the keeper sees that one exit.
    detached: true,
    stdio: ["pipe", "ignore", "pipe"],
  });
  let words = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    words = (words + text).slice(-8_192);
  });
  child.stdin.on("error", () => undefined);
  const ended = once(child, "close").then(() => {
    child.stdin.end();
    return words;
  });
  // Lets a starter that forgets to stop the program still exit.
  child.unref();
  const pipes = [child.stdin, child.stderr].filter((stream) => stream instanceof Socket);
  for (const pipe of pipes) pipe.unref();
  return {
    ended,
    stop: async () => {
      child.ref();
      for (const pipe of pipes) pipe.ref();
      child.stdin.end();
      await ended;
    },
  };
}
