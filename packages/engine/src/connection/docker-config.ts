import { join } from "node:path";
import { configInvalid, JsonFault, parseJson, type Env } from "@molecule/core";
import { pathVariable } from "@molecule/node-edges";
import { fieldsOf, type Fields } from "./json-fields.js";
import { readIfPresent } from "./read-if-present.js";

/** Returns the docker CLI's configuration directory. Throws `CONFIG_INVALID`. */
export function dockerConfigDirectory(env: Env, home: string): string {
  return pathVariable(env, "DOCKER_CONFIG") ?? join(home, ".docker");
}

/**
 * Reads the docker CLI's `config.json`; its fields are empty if the file does not exist. Rejects with `CONFIG_INVALID`.
 */
export async function readDockerConfig(
  directory: string,
): Promise<{ readonly path: string; readonly fields: Fields }> {
  const path = join(directory, "config.json");
  const written = (await readIfPresent(path)) ?? "";
  return { path, fields: written.trim() === "" ? {} : parseDockerFile(written, path) };
}

/** Throws `CONFIG_INVALID`, without quoting the content. */
export function parseDockerFile(written: string, path: string): Fields {
  try {
    return fieldsOf(parseJson(written.replace(/^\uFEFF/, "")));
  } catch (error) {
    if (!(error instanceof JsonFault)) throw error;
    throw dockerFileInvalid(path, `it is not valid JSON: ${error.message}`);
  }
}

export function dockerFileInvalid(path: string, why: string): Error {
  return configInvalid(`${path} cannot be used: ${why}`, `Repair or remove ${path}.`);
}
