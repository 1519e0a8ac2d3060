// Lists processes, files, descriptors and memory, so that leftovers can be found.
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** Processes, other than this one, whose environment or arguments name the directory. */
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

/** Incomplete files and directories: work directories, locks, files not yet renamed to their final name. */
export async function partialFilesIn(cache) {
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
