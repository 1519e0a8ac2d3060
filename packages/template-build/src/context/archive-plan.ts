import { randomBytes } from "node:crypto";
import type { ContextEntry } from "./context-entries.js";

/** How to pack a build context for an engine that reads the Dockerfile, and maybe ignore files, from the archive. */
export interface ArchivePlan {
  /** The path of the Dockerfile in the archive. */
  readonly dockerfile: string;
  /** Files after the entries of the context. */
  readonly added: readonly AddedFile[];
  /** Paths that the engine must hide from every step. */
  readonly excludes: readonly string[];
  /** Throws for an entry that the engine does not accept. */
  readonly check?: (entry: ContextEntry) => void;
}

/** A file of an archive that is not an entry of the context. */
export interface AddedFile {
  readonly path: string;
  readonly content: Buffer;
}

/** Returns a name that no template uses, at the root of the archive, as the docker CLI does. */
export function unusedName(): string {
  return `.dockerfile.${randomBytes(10).toString("hex")}`;
}
