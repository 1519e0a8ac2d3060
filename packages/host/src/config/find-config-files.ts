import { lstat, realpath } from "node:fs/promises";
import { dirname, join } from "node:path";
import { configInvalid, type Env, type ImageSourceError } from "@molecule/core";
import { configHome } from "../layers/xdg-dirs.js";

const userNames = ["config.json", "config.yaml"];
const projectNames = [".moleculerc", ".moleculerc.json", ".moleculerc.yaml", ".moleculerc.yml"];

/** Returns the user file, if it exists. Rejects with `CONFIG_INVALID` when there are two. */
export async function findUserFile(env: Env, home: string): Promise<string | undefined> {
  return onlyOne(join(configHome(env, home), "molecule"), userNames);
}

/**
 * Returns the nearest project file from `cwd` upwards, if any. The search ends with the first directory that holds
 * `.git`, with the home directory, or with `cwd` itself when it is under neither.
 * Rejects with `CONFIG_INVALID` when a directory holds two.
 */
export async function findProjectFile(cwd: string, home: string): Promise<string | undefined> {
  for (const directory of await searched(cwd, home)) {
    const file = await onlyOne(directory, projectNames);
    if (file !== undefined) return file;
  }
  return undefined;
}

async function searched(cwd: string, home: string): Promise<readonly string[]> {
  const start = await realpath(cwd).catch((error: unknown) => {
    throw unusableDirectory(cwd, error);
  });
  const top = await realpath(home).catch(() => home);
  const upwards: string[] = [];
  for (let directory = start; ; directory = dirname(directory)) {
    upwards.push(directory);
    if (await exists(join(directory, ".git"))) return upwards;
    // A process without a home directory often has "/" as HOME, which belongs to no user.
    if (directory === dirname(directory)) return [start];
    if (directory === top) return upwards;
  }
}

function unusableDirectory(cwd: string, error: unknown): ImageSourceError {
  const { code = "" } = error as NodeJS.ErrnoException;
  const isRefused = code === "EACCES" || code === "EPERM";
  const why = isRefused ? "permission denied" : code === "ENOENT" ? "it does not exist" : code;
  const kind = isRefused ? "that this user may enter" : "that exists";
  return configInvalid(
    `cannot use the working directory ${cwd}: ${why}`,
    `Change to a directory ${kind}, or pass one with --cwd.`,
    error,
  );
}

async function onlyOne(directory: string, names: readonly string[]): Promise<string | undefined> {
  const files = names.map((name) => join(directory, name));
  const present: string[] = [];
  for (const file of files) if (await exists(file)) present.push(file);
  if (present.length < 2) return present[0];
  throw configInvalid(
    `found several configuration files: ${present.join(" and ")}`,
    "Keep one of them and remove the others.",
  );
}

/** Whether anything exists at the path. A broken link counts, so that it is reported and not skipped. */
async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code !== "ENOENT" && code !== "ENOTDIR" && code !== "EACCES";
  }
}
