import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A directory of one test. */
export interface TemporaryDirectory {
  readonly path: string;
  /** Removes it with everything in it. A missing one is not an error. */
  remove(): Promise<void>;
}

/** A new directory that only this user can enter. `parent` defaults to the system's place for such things. */
export async function temporaryDirectory(parent: string = tmpdir()): Promise<TemporaryDirectory> {
  const path = await mkdtemp(join(parent, "mol-"));
  return { path, remove: () => rm(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 }) };
}
