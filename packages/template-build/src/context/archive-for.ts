import type { EngineIdentity } from "@molecule/core";
import type { ArchivePlan } from "./archive-plan.js";
import { classicArchive } from "./classic-archive.js";
import type { ContextSubject } from "./context-ignores.js";
import { podmanArchive } from "./podman-archive.js";

/** Returns how to pack the context, so that this kind of engine builds from exactly the files that are not ignored. */
export function archiveFor(kind: EngineIdentity["kind"], subject: ContextSubject): Promise<ArchivePlan> {
  return kind === "podman" ? podmanArchive(subject) : classicArchive(subject);
}
