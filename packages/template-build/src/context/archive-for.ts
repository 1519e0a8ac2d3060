import type { EngineIdentity } from "@molecule/core";
import type { ArchivePlan } from "./archive-plan.js";
import { classicArchive } from "./classic-archive.js";
import type { ContextSubject } from "./context-ignores.js";
import { podmanArchive } from "./podman-archive.js";

/** How the context is packed so that an engine of that kind builds from exactly what the ignore file leaves. */
export function archiveFor(kind: EngineIdentity["kind"], subject: ContextSubject): Promise<ArchivePlan> {
  return kind === "podman" ? podmanArchive(subject) : classicArchive(subject);
}
