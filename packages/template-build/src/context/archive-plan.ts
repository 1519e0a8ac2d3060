import { randomBytes } from "node:crypto";
import type { ContextEntry } from "./context-entries.js";

/** How a build context is packed for an engine that reads the Dockerfile, and maybe ignore files, out of the archive. */
export interface ArchivePlan {
  /** The path of the Dockerfile in the archive. */
  readonly dockerfile: string;
  /** Files after the entries of the context. */
  readonly added: readonly AddedFile[];
  /** Paths that the engine is asked to hide from every step. */
  readonly excludes: readonly string[];
  /** Throws for an entry that the engine does not accept. */
  readonly check?: (entry: ContextEntry) => void;
  /** Why the engine cannot be given exactly this context. */
  readonly refusal?: Error;
}

/** A file of an archive that is not an entry of the context. */
export interface AddedFile {
  readonly path: string;
  readonly content: Buffer;
}

/** A name that no template has, at the root of the archive, as the docker CLI makes them. */
export function unusedName(): string {
  return `.dockerfile.${randomBytes(10).toString("hex")}`;
}
