import { open, stat } from "node:fs/promises";
import { ImageSourceError, resourceExhausted, storageUnusable, systemCode } from "@molecule/core";

/**
 * Returns the error of a program that exists but cannot be started: `TOOL_MISSING`, or `STORAGE_UNUSABLE` for its
 * working directory, or if open files, processes or memory have run out. Returns anything but a system error unchanged.
 * @param file the absolute path of the program
 * @param cwd the working directory it should have run in
 */
export async function startFailure(file: string, cwd: string, error: unknown): Promise<unknown> {
  const code = systemCode(error);
  if (code === undefined) return error;
  const exhausted = resourceExhausted(`cannot start ${file}`, error);
  if (exhausted !== undefined) return exhausted;
  const isDirectory = await stat(cwd).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (!isDirectory) return storageUnusable(cwd, "it is not a directory, or does not exist", error);
  const why = (await faultIn(file, code)) ?? code;
  return new ImageSourceError({
    code: "TOOL_MISSING",
    message: `cannot start ${file}: ${why}`,
    hint: `Reinstall ${file}, or correct its first line and its permissions.`,
    cause: error,
  });
}

/** For a script, ENOENT means that the interpreter in its first line does not exist. */
async function faultIn(file: string, code: string): Promise<string | undefined> {
  if (code === "ETXTBSY") return "it is open for writing (ETXTBSY)";
  if (code !== "ENOENT" && code !== "EACCES" && code !== "ENOEXEC" && code !== "ELOOP") return undefined;
  const [, interpreter, end] = /^#![ \t]*([^ \t\r\n]+)[^\r\n]*(\r?)/.exec(await firstBytes(file)) ?? [];
  if (interpreter === undefined) return undefined;
  if (end === "\r") return "its first line ends with a carriage return (Windows line ends)";
  const found = await stat(interpreter).catch(() => undefined);
  if (found === undefined) return `its interpreter ${interpreter} does not exist`;
  return `its interpreter ${interpreter} cannot be started (${code})`;
}

async function firstBytes(file: string): Promise<string> {
  try {
    const handle = await open(file, "r");
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(256), 0, 256, 0);
      return buffer.subarray(0, bytesRead).toString("latin1");
    } finally {
      await handle.close();
    }
  } catch {
    // A program may be executable without being readable.
    return "";
  }
}
