import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A directory for one test. */
export interface TemporaryDirectory {
  readonly path: string;
  /** Removes it with everything in it. Ignores a missing directory. */
  remove(): Promise<void>;
}

/** Creates a directory that only this user can enter. `parent` defaults to the system's temporary directory. */
export async function temporaryDirectory(parent: string = tmpdir()): Promise<TemporaryDirectory> {
  const path = await mkdtemp(join(parent, "mol-"));
  return { path, remove: () => rm(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 }) };
}
