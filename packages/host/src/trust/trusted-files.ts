import type { Stats } from "node:fs";
import { isAbsolute, join } from "node:path";
import { configInvalid, JsonFault, parseJson, type Env } from "@molecule/core";
import { ownUserId } from "@molecule/node-edges";
import { isTree } from "../layers/config-layer.js";
import { describeReadFailure } from "../layers/describe-read-failure.js";
import { readRegularFile } from "../layers/read-regular-file.js";
import { configHome } from "../layers/xdg-dirs.js";

const maxBytes = 4 * 1024 * 1024;
const formatVersion = 1;
const writableByOthers = 0o022;

/** A project file that the user has trusted. */
export interface TrustedFile {
  /** Absolute, without links. */
  readonly path: string;
  /** `sha256:…`, by `projectDigest`. */
  readonly digest: string;
}

/** Returns the path of the record of trusted files. */
export function trustedFilesPlace(env: Env, home: string): string {
  return join(configHome(env, home), "molecule", "trusted.json");
}

/**
 * Reads the record; empty if it does not exist. Rejects with `CONFIG_INVALID` when the record is invalid, or when
 * another user could have written it, because it decides which code runs.
 */
export async function readTrustedFiles(place: string): Promise<readonly TrustedFile[]> {
  try {
    return parse(await readRegularFile(place, { maxBytes, refuseLink: true, check: refuseForeign }));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return [];
    const fault = code === "ELOOP" ? "is a link" : describeReadFailure(error);
    throw configInvalid(
      `the record of trusted files is ignored: ${place} ${fault}`,
      `Repair or remove ${place}, then run molecule-image trust FILE for each file that you trust.`,
      error,
    );
  }
}

/** Returns the text of the record. */
export function trustedFilesText(files: readonly TrustedFile[]): string {
  return `${JSON.stringify({ version: formatVersion, files }, undefined, 2)}\n`;
}

function refuseForeign({ uid, mode }: Stats): void {
  const user = ownUserId();
  if (user !== undefined && uid !== user) throw new Error("belongs to another user");
  if ((mode & writableByOthers) !== 0) throw new Error("is writable by other users");
}

function parse(content: Buffer): readonly TrustedFile[] {
  const record = parsed(content.toString("utf8"));
  if (!isTree(record) || record["version"] !== formatVersion || !Array.isArray(record["files"])) {
    throw new Error(`is not a record of version ${String(formatVersion)}`);
  }
  return record["files"].map((entry: unknown) => {
    if (!isTree(entry)) throw new Error("contains an entry that is not a map");
    const { path, digest } = entry;
    if (typeof path !== "string" || !isAbsolute(path)) throw new Error("contains an entry without a path");
    if (typeof digest !== "string" || !/^sha256:[0-9a-f]{64}$/.test(digest)) {
      throw new Error(`contains an entry without a digest (${path})`);
    }
    return { path, digest };
  });
}

function parsed(text: string): unknown {
  try {
    return parseJson(text);
  } catch (error) {
    if (error instanceof JsonFault) throw new Error(`is not valid JSON (${error.message})`, { cause: error });
    throw error;
  }
}
