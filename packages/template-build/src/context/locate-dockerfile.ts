import type { Stats } from "node:fs";
import { lstat, readlink } from "node:fs/promises";
import { join, posix } from "node:path";
import { templateInvalid } from "./template-invalid.js";
import { isAbsent, unreadable } from "./unreadable.js";

// As many as Linux follows.
const maxLinks = 40;

/**
 * The path of the Dockerfile to build with, relative to `directory`, with slashes: links inside the tree are
 * followed, so that it names a regular file. `TEMPLATE_INVALID` when it is absent, no file, in `.git`, or outside
 * of the tree. Reads no content.
 */
export async function locateDockerfile(directory: string, dockerfile: string): Promise<string> {
  const shown = JSON.stringify(dockerfile);
  const outside = (): Error =>
    templateInvalid(
      `the Dockerfile ${shown} is not inside the template`,
      "Put a regular file there, or a relative link to one in the same repository.",
    );
  const absent = (why: string): Error =>
    templateInvalid(
      `the template has no Dockerfile at ${shown}: ${why}`,
      "Add the file to the template, or name the right one with the option `dockerfile`.",
    );

  if (dockerfile === "" || dockerfile.includes("\0")) throw absent("that is no path");
  if (posix.isAbsolute(dockerfile)) throw outside();
  const ahead = dockerfile.split("/");
  const behind: string[] = [];
  let links = 0;
  let last: Stats | undefined;

  while (ahead.length > 0) {
    const part = ahead.shift() ?? "";
    if (part === "" || part === ".") continue;
    if (part === "..") {
      if (behind.pop() === undefined) throw outside();
      last = undefined;
      continue;
    }
    if (part === ".git") throw outside();
    const path = [...behind, part].join("/");
    last = await lstat(join(directory, path)).catch((error: unknown) => {
      if (isAbsent(error)) throw absent(`there is no ${JSON.stringify(path)}`);
      throw unreadable(path, error);
    });
    if (last.isSymbolicLink()) {
      if ((links += 1) > maxLinks) throw absent("its links lead in a circle");
      const target = await readlink(join(directory, path)).catch((error: unknown) => {
        throw unreadable(path, error);
      });
      if (posix.isAbsolute(target)) throw outside();
      ahead.unshift(...target.split("/"));
      continue;
    }
    if (ahead.length > 0 && !last.isDirectory()) throw absent(`${JSON.stringify(path)} is not a directory`);
    behind.push(part);
  }
  if (last?.isFile() !== true) throw absent("it is not a regular file");
  return behind.join("/");
}
