import { execFile } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

/** Returns the command lines with this end of all processes on the machine, those in containers included. */
export async function runningCommands(end: string): Promise<readonly string[]> {
  const { stdout } = await promisify(execFile)("ps", ["-A", "-ww", "-o", "args="]);
  return stdout.split("\n").filter((line) => line.trimEnd().endsWith(end));
}

/** Waits until nothing is left, for at most a minute. Returns what is left. */
export async function waitUntilGone(left: () => Promise<readonly string[]>): Promise<readonly string[]> {
  const deadline = performance.now() + 60_000;
  while (performance.now() < deadline && (await left()).length > 0) await sleep(100);
  return left();
}
