import { contextEntries, type ContextSelection } from "./context-entries.js";
import type { FileTree } from "./file-tree.js";
import { valuesOf } from "./coroutine.js";
import { templateInvalid } from "./template-invalid.js";

/** Maximum size of a pointer file, by its specification. */
const maxPointerBytes = 1024;
const pointerStart = "version https://git-lfs.github.com/spec/v1";

/** Throws `TEMPLATE_INVALID` if a build context has a Git LFS pointer instead of a file. Opens every file. */
export async function refuseLfsPointers(tree: FileTree, selection: ContextSelection): Promise<void> {
  const start = Buffer.alloc(pointerStart.length + 1);
  for await (const entry of valuesOf(contextEntries(tree, selection))) {
    if (entry.kind !== "file") continue;
    const file = await entry.parent.openFile(entry.name, entry.path);
    try {
      if (file.size > maxPointerBytes) continue;
      const bytes = await file.read(start, 0);
      if (start.toString("latin1", 0, bytes).split(/[\r\n]/, 1)[0] !== pointerStart) continue;
    } finally {
      file.close();
    }
    throw templateInvalid(
      `${JSON.stringify(entry.path)} of the template is a Git LFS pointer, and LFS content is not fetched`,
      "Commit the file itself, list it in .dockerignore, or set the option `allowLfs` to build with the pointer.",
    );
  }
}
