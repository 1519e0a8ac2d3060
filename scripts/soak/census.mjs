// What is there, so that what is left over can be told: processes, files, descriptors, memory.
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** Processes whose environment or arguments name the directory, and that are not this one. */
export async function processesOf(directory) {
  const found = [];
  for (const pid of await readdir("/proc")) {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) continue;
    const [environment, command] = await Promise.all(
      ["environ", "cmdline"].map((file) => readFile(join("/proc", pid, file), "utf8").catch(() => "")),
    );
    if (`${environment}\0${command}`.includes(directory))
      found.push(`${pid} ${command.replaceAll("\0", " ").trim()}`);
  }
  return found;
}

/** Files and directories that are half-made: work directories, locks, files on their way to another name. */
export async function halfMadeIn(cache) {
  const entries = await readdir(cache, { recursive: true }).catch(() => []);
  const top = entries.filter((path) => path.split("/").length <= 3);
  return top.filter((path) => /\.partial$|\.lock(?:\.|$)|\.json\.[0-9a-f]{8}$/.test(path));
}

export async function descriptors() {
  return (await readdir("/proc/self/fd")).length;
}

export function residentMiB() {
  globalThis.gc?.();
  return Math.round(process.memoryUsage.rss() / 2 ** 20);
}
