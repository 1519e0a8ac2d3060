import { spawn } from "node:child_process";
import { fstatSync } from "node:fs";
import { endWithProcess } from "@molecule/node-edges";

/*
 * Node cannot poll a pipe that it only writes to, so that a command that seldom writes would not notice a closed one. GNU
 * tail polls its stdout for that, and is then ended by SIGPIPE. Any other tail refuses the options, and nothing is noticed
 * before the next write.
 */
const program = "/usr/bin/tail";

/** Calls back once when stdout is a pipe and its reader has gone. Returns how to stop. */
export function watchReader(onGone: () => void): () => void {
  if (!isPipe()) return () => undefined;
  const child = spawn(program, ["-n0", "-s1", "-f", `--pid=${String(process.pid)}`, "/dev/null"], {
    cwd: "/",
    env: { LC_ALL: "C" },
    stdio: ["ignore", 1, "ignore"],
  });
  child.unref();
  // Without that program there is nothing to end.
  child.on("error", () => undefined);
  child.on("exit", (_status, signal) => {
    if (signal === "SIGPIPE") onGone();
  });
  // It holds the pipe open for the reader.
  const end = (): void => {
    child.kill("SIGKILL");
  };
  const stays = endWithProcess(end);
  return () => {
    stays();
    end();
  };
}

function isPipe(): boolean {
  try {
    return fstatSync(1).isFIFO();
  } catch {
    return false;
  }
}
