import { constants } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { contextEntries, type ContextSelection } from "./context-entries.js";
import { openFileEntry } from "./open-file-entry.js";
import { valuesOf } from "./coroutine.js";
import type { TreeSurvey } from "./survey-tree.js";
import { templateInvalid } from "./template-invalid.js";
import { unreadable } from "./unreadable.js";

/** Maximum size of a pointer file, by its specification. */
const maxPointerBytes = 1024;
/** Longer files count as mentioning LFS; real ones are never this long. */
const maxAttributeBytes = 1024 * 1024;
const pointerStart = "version https://git-lfs.github.com/spec/v1";

/**
 * Throws `TEMPLATE_INVALID` if the build context of a checkout has a Git LFS pointer instead of a file.
 * Opens files only if a `.gitattributes` mentions LFS, or if there is no survey.
 */
export async function refuseLfsPointers(
  directory: string,
  survey: TreeSurvey | undefined,
  selection: ContextSelection,
): Promise<void> {
  if (survey !== undefined && !(await speaksOfLfs(survey))) return;
  const start = Buffer.alloc(pointerStart.length + 1);
  for await (const entry of valuesOf(contextEntries(directory, selection))) {
    if (entry.kind !== "file") continue;
    const file = await openFileEntry(entry);
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

async function speaksOfLfs({ attributeFiles }: TreeSurvey): Promise<boolean> {
  for (const path of attributeFiles) {
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW).catch((error: unknown) => {
      throw unreadable(path.toString("utf8"), error);
    });
    try {
      const text = await startOf(file, maxAttributeBytes);
      if (text.length === maxAttributeBytes || /\bfilter=lfs\b/.test(text)) return true;
    } finally {
      await file.close();
    }
  }
  return false;
}

async function startOf(file: FileHandle, maxBytes: number): Promise<string> {
  const { size } = await file.stat();
  const buffer = Buffer.alloc(Math.min(size, maxBytes));
  const { bytesRead } = await file.read(buffer, 0, buffer.length, 0);
  return buffer.toString("latin1", 0, bytesRead);
}
