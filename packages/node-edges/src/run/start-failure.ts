import { open, stat } from "node:fs/promises";
import { ImageSourceError, resourceExhausted, storageUnusable, systemCode } from "@molecule/core";

/**
 * `TOOL_MISSING`: a program exists and cannot be started, or `STORAGE_UNUSABLE` for where it should run, and where open
 * files, processes or memory have run out. Anything but an error of the system is returned as it is.
 * @param file absolute
 * @param cwd where it should have run
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
  const why = (await whatIsWrong(file, code)) ?? code;
  return new ImageSourceError({
    code: "TOOL_MISSING",
    message: `cannot start ${file}: ${why}`,
    hint: `Reinstall ${file}, or correct its first line and its permissions.`,
    cause: error,
  });
}

/** The system says ENOENT of a script that exists when it means the program that the script's first line names. */
async function whatIsWrong(file: string, code: string): Promise<string | undefined> {
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
    // A program that may be run and not read.
    return "";
  }
}
