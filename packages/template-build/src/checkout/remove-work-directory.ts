import type { Log, WorkDirectory } from "@molecule/core";

/** Removes a work directory. Logs a failure: the caller's own error matters more, and the next call sweeps the leftovers. */
export async function removeWorkDirectory(
  work: Pick<WorkDirectory, "path" | "remove">,
  log: Log,
): Promise<void> {
  try {
    await work.remove();
  } catch (error) {
    log.warn("cannot remove a work directory", { directory: work.path, error: String(error) });
  }
}
