import { readdir, readFile, readlink } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { descendantsOf, isRunning, processMark, type ProcessMark } from "./process-tree.js";
import { sendSignal } from "./this-process.js";

const graceMs = 3_000;
const lookMs = 50;

/**
 * Ends processes that a killed process has left running in a directory: git, which runs there, and builders, which name
 * it in their arguments. Sends SIGTERM first, since a killed builder leaves its mounts. On systems other than Linux,
 * processes cannot be found by their directory; they end on their own.
 */
export async function endOrphans(directory: string): Promise<void> {
  const found = await processesAt(directory);
  const all = found.flatMap((one) => [one, ...descendantsOf(one.pid)]);
  for (const { pid } of found) sendSignal(pid, "SIGTERM");
  for (let waitedMs = 0; waitedMs < graceMs && found.some(isRunning); waitedMs += lookMs) await sleep(lookMs);
  for (const one of all) if (isRunning(one)) sendSignal(one.pid, "SIGKILL");
}

async function processesAt(directory: string): Promise<readonly ProcessMark[]> {
  const pids = (await readdir("/proc").catch(() => [])).filter((name) => /^\d+$/.test(name));
  const marks = await Promise.all(
    pids.map(async (pid) => {
      // Processes of other users cannot be read.
      const place = await readlink(`/proc/${pid}/cwd`).catch(() => "");
      const command = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
      const isThere = `${place}/`.startsWith(`${directory}/`) || command.includes(`${directory}/`);
      return isThere ? processMark(Number(pid)) : undefined;
    }),
  );
  return marks.filter((mark) => mark !== undefined);
}
