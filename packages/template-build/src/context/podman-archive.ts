import { posix } from "node:path";
import { unusedName, type ArchivePlan } from "./archive-plan.js";
import type { ContextEntry } from "./context-entries.js";
import type { ContextSubject } from "./context-ignores.js";
import { readSmallBytes } from "./read-small-file.js";
import { templateInvalid } from "./template-invalid.js";

/**
 * Returns the archive for Podman. Its service applies `.containerignore`, else `.dockerignore`, of the archive again, unless
 * it gets a list of exclusions. It also treats a Dockerfile name that is JSON as a list of files on its machine, and passes
 * a Dockerfile whose name ends in `.in` to a preprocessor. So the Dockerfile gets a name of ours, and only that name is
 * excluded (docs/adr/0054).
 */
export async function podmanArchive({ tree, dockerfile }: ContextSubject): Promise<ArchivePlan> {
  const name = unusedName();
  const content = (await readSmallBytes(tree, dockerfile)) ?? Buffer.alloc(0);
  return { dockerfile: name, added: [{ path: name, content }], excludes: [name], check: refuseLinkOut };
}

/** The service rejects the whole archive with status 500 and an empty body. */
function refuseLinkOut(entry: ContextEntry): void {
  if (entry.kind !== "link") return;
  // Podman resolves an absolute target below the link's directory.
  const end = posix.join(posix.dirname(entry.path), entry.target);
  if (end !== ".." && !end.startsWith("../")) return;
  throw templateInvalid(
    `the link ${JSON.stringify(entry.path)} leads out of the template, to ${JSON.stringify(entry.target)}, which Podman does not accept`,
    "Remove the link, or list it in .dockerignore; Docker and buildah build with it.",
  );
}
