import { posix } from "node:path";
import { objectFault, typeFaults, type ContainerFiles } from "@molecule/core";
import { usage } from "./container-error.js";

const maxId = 2 ** 32 - 2;
const fileMembers = { content: "any", mode: "any", uid: "any", gid: "any" } as const;

/** Throws `USAGE` for files that cannot be written into a container. Contacts nothing. */
export function assertFiles(files: ContainerFiles): void {
  const fault = objectFault(files, "`files`");
  if (fault !== undefined) throw usage(fault, "Pass an object with a file for each path.");
  for (const [path, file] of Object.entries(files)) {
    if (
      !posix.isAbsolute(path) ||
      posix.normalize(path) !== path ||
      path.endsWith("/") ||
      path.includes("\0")
    ) {
      throw usage(
        `${JSON.stringify(path)} is not the path of a file in a container`,
        "Write an absolute path, without '.' and '..', such as /etc/app.json.",
      );
    }
    if (isContent(file)) continue;
    const [fileFault] = typeFaults(file, fileMembers, { whole: "the file", member: "a property of a file" });
    if (fileFault !== undefined)
      throw usage(`${path}: ${fileFault}`, "Pass `content`, `mode`, `uid` and `gid` only.");
    const { content, mode = 0, uid = 0, gid = 0 } = file;
    if (!isContent(content)) {
      throw usage(`${path} has no content`, "Pass `content` as a string or a Uint8Array.");
    }
    if (isWithin(mode, 0o7777) && isWithin(uid, maxId) && isWithin(gid, maxId)) continue;
    throw usage(
      `${path} has a mode or an owner that is not valid`,
      "Pass numbers: `mode` from 0 to 0o7777, `uid` and `gid` from 0.",
    );
  }
}

/** For callers without types. */
function isContent(value: unknown): value is string | Uint8Array {
  return typeof value === "string" || value instanceof Uint8Array;
}

function isWithin(value: number, max: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= max;
}
