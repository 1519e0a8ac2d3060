import { spawn } from "node:child_process";
import { once } from "node:events";
import { Socket } from "node:net";
import { programPath } from "./programs.js";

export interface KeptProgramOptions {
  /** An absolute path and the arguments. */
  readonly command: readonly string[];
  /** Where its output goes. */
  readonly logFile: string;
  /** The whole environment of the program and of the two scripts, but for PATH. */
  readonly env: Readonly<Record<string, string>>;
  /** Shell commands to run before the program; when one fails it is not started. */
  readonly setUp?: string;
  /** Shell commands to run before it is asked to end. */
  readonly beforeStop?: string;
  /** Shell commands to run when the program has ended, in whichever way. */
  readonly tearDown: string;
}

export interface KeptProgram {
  /** Resolves when the program has ended and everything is torn down, with its last words. */
  readonly ended: Promise<string>;
  /** Ends it with SIGTERM, after ten seconds with SIGKILL, and tears down. Resolves when that is done; may be repeated. */
  stop(): Promise<void>;
}

/*
 * The keeper holds the program and cleans up behind it. It is a program of its own because it must survive its
 * starter: it sees the end of its standard input when that stops it, and also when that is killed.
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

/** Starts a program that ends, and is cleaned up behind, at the latest when this process does. */
export function startKeptProgram(options: KeptProgramOptions): KeptProgram {
  const { command, logFile, env } = options;
  const child = spawn("/bin/sh", ["-c", keeper(options), "keeper", ...command], {
    env: { PATH: programPath(), LOG_FILE: logFile, ...env },
    // A session of its own: ^C on the terminal is for the starter, whose end is then seen here.
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
  // A starter that forgets to stop it can still come to its own end.
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
