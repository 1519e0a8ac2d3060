import { spawn } from "node:child_process";
import { fstatSync } from "node:fs";
import { endWithProcess } from "@molecule/node-edges";

/*
 * Node cannot poll a write-only pipe, so a command that rarely writes would not notice a closed one. GNU tail polls its
 * stdout and is killed by SIGPIPE when it closes. Any other tail rejects the options; a closed pipe is then noticed at
 * the next write.
 */
const program = "/usr/bin/tail";

/** Calls back once if stdout is a pipe and its reader closes it. Returns a function that stops watching. */
export function watchReader(onGone: () => void): () => void {
  if (!isPipe()) return () => undefined;
  const child = spawn(program, ["-n0", "-s1", "-f", `--pid=${String(process.pid)}`, "/dev/null"], {
    cwd: "/",
    env: { LC_ALL: "C" },
    stdio: ["ignore", 1, "ignore"],
    // Ctrl-Z must not stop it.
    detached: true,
  });
  child.unref();
  // The program may be missing.
  child.on("error", () => undefined);
  child.on("exit", (_status, signal) => {
    if (signal === "SIGPIPE") onGone();
  });
  // The child would keep the pipe open for the reader.
  const end = (): void => {
    child.kill("SIGKILL");
  };
  const unregister = endWithProcess(end);
  return () => {
    unregister();
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
