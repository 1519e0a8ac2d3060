import type { Dirent } from "node:fs";
import { diskCallsFor } from "./disk-calls-for.js";
import { eventLoopPauses } from "./event-loop-pauses.js";
import { unreadable } from "./unreadable.js";

/** The result of {@link surveyTree}, in order. */
export interface TreeSurvey {
  /**
   * Empty directories, relative, with slashes. git does not store empty directories: each belongs to a
   * submodule.
   */
  readonly emptyDirectories: readonly string[];
  /** Every `.gitattributes`, as an absolute path. Bytes: a name need not be UTF-8. */
  readonly attributeFiles: readonly Buffer[];
}

/** Reads only the names in a checkout: opens no file, follows no link, skips `.git`. */
export async function surveyTree(directory: string): Promise<TreeSurvey> {
  const emptyDirectories: string[] = [];
  const attributeFiles: Buffer[] = [];
  const root = Buffer.from(directory);
  const pauseIfDue = eventLoopPauses();
  const calls = await diskCallsFor(directory).catch((error: unknown) => {
    throw unreadable("", error);
  });

  async function visit(path: Buffer): Promise<void> {
    const relative = path.toString("utf8", root.length + 1);
    await pauseIfDue();
    let entries: Dirent<Buffer>[];
    try {
      entries = await calls.readdirBytes(path);
    } catch (error) {
      throw unreadable(relative, error);
    }
    if (entries.length === 0 && relative !== "") emptyDirectories.push(relative);
    for (const entry of entries.sort((one, other) => one.name.compare(other.name))) {
      const name = entry.name.toString("latin1");
      const below = Buffer.concat([path, Buffer.from("/"), entry.name]);
      if (entry.isDirectory() && name !== ".git") await visit(below);
      else if (entry.isFile() && name === ".gitattributes") attributeFiles.push(below);
    }
  }
  await visit(root);
  return { emptyDirectories, attributeFiles };
}
