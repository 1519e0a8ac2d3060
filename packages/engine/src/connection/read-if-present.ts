import { readFile } from "node:fs/promises";
import { configInvalid, systemCode, systemWords } from "@molecule/core";

/**
 * Returns the text of a configuration file; undefined if it does not exist. Rejects with `CONFIG_INVALID` if it cannot
 * be read.
 */
export async function readIfPresent(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    const code = systemCode(error);
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw configInvalid(
      `${path} cannot be read: ${code === undefined ? String(error) : systemWords(code)}`,
      `Make ${path} readable for this user.`,
      error,
    );
  }
}
