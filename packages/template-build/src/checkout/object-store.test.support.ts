import { spawn, type ChildProcess } from "node:child_process";
import { cp, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "@jest/globals";
import { isImageSourceError, silentLog } from "@molecule/core";
import { temporaryDirectory, type TemporaryDirectory } from "@molecule/test-fixtures";
import {
  startForge,
  type Forge,
  type ForgeOptions,
  type TemplateChanges,
  type TemplateFiles,
  type TemplateOptions,
} from "@molecule/testkit";
import type { CheckOutRequest } from "./check-out-request.js";
import { hermesRequest } from "./check-out-request.test.support.js";
import { checkOut } from "./check-out.js";

/** A forge with the template hermes, a directory for its checkouts, and their warnings. */
export interface HermesWorld {
  readonly root: string;
  readonly forge: Forge;
  /** The commit to build. */
  readonly sha: string;
  readonly warnings: string[];
  /** Adds the template. */
  add(files: TemplateFiles, options?: TemplateOptions): Promise<void>;
  /** Commits a change of the template. */
  commit(changes: TemplateChanges): Promise<void>;
  /** Returns the request for a commit. Default: for {@link sha}. */
  request(changes?: Partial<CheckOutRequest>, sha?: string): CheckOutRequest;
  close(): Promise<void>;
}

/** Starts a forge, with an empty directory for checkouts. */
export async function openHermesWorld(options?: ForgeOptions): Promise<HermesWorld> {
  const place = await temporaryDirectory();
  const forge = await startForge(options);
  return worldIn(place, { forge, sha: "" }, () => forge.stop());
}

/** Copies the checkouts into another directory, for the same forge, which the copy does not stop. */
export async function copyHermesWorld({ root, forge, sha }: HermesWorld): Promise<HermesWorld> {
  const place = await temporaryDirectory();
  await cp(root, place.path, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
  return worldIn(place, { forge, sha }, () => {
    forge.clearFaults();
  });
}

function worldIn(
  place: TemporaryDirectory,
  { forge, sha: first }: Pick<HermesWorld, "forge" | "sha">,
  onClose: () => Promise<void> | void,
): HermesWorld {
  const root = place.path;
  let sha = first;
  const warnings: string[] = [];
  const warn = (message: string): void => void warnings.push(message);
  const log = { ...silentLog, warn, error: warn };
  return {
    root,
    forge,
    warnings,
    get sha() {
      return sha;
    },
    async add(files, options) {
      sha = await forge.addTemplate("hermes", files, options);
    },
    async commit(changes) {
      sha = await forge.commit("hermes", changes);
    },
    request: (changes, commit = sha) => hermesRequest({ forge, root, sha: commit }, { log, ...changes }),
    async close() {
      await onClose();
      await place.remove();
    },
  };
}

/** Files of different sizes, and enough of them that fetching all differs from fetching one. */
export function templateFiles(count: number): TemplateFiles {
  const entries = Array.from({ length: count }, (_, index) => [
    `d${String(index % 20)}/f${String(index)}`,
    Array.from({ length: 40 }, (__, line) => `${String(Math.sin(index * 40 + line))}\n`).join(""),
  ]);
  return { Dockerfile: "FROM scratch\n", ...(Object.fromEntries(entries) as object), "d0/f0": "first\n" };
}

/** Adds the template, and builds it. */
export async function buildFirst(
  world: HermesWorld,
  count: number,
  options?: TemplateOptions,
): Promise<void> {
  await world.add(templateFiles(count), options);
  expect(await builtFile(world.request(), "Dockerfile")).toBe("FROM scratch\n");
}

/** Commits a change of one file, builds it, and checks that the build has it. */
export async function buildNext(world: HermesWorld, content: string): Promise<void> {
  await world.commit({ "d1/f1": content });
  expect(await builtFile(world.request(), "d1/f1")).toBe(content);
}

/** Builds another commit, and returns how many bytes the forge sent for it. */
export async function bytesOfNext(world: HermesWorld, content: string): Promise<number> {
  const bytes = countGitBytes(world.forge);
  await buildNext(world, content);
  return bytes();
}

/** Enough for a commit, a few trees and a file; all files are many times as many. */
export const fewBytes = 8 * 1024;

/** Checks out a commit like a build, which starts over as often as the spine does, and returns a file of it. */
export async function builtFile(request: CheckOutRequest, file: string, triesLeft = 2): Promise<string> {
  try {
    const { files, settle } = await checkOut(request);
    try {
      return await readFile(join(await files(), file), "utf8");
    } finally {
      await settle();
    }
  } catch (error) {
    if (triesLeft === 0 || !isImageSourceError(error) || !error.again) throw error;
    return builtFile(request, file, triesLeft - 1);
  }
}

/** Starts a process that checks out a commit, and prints a file of it. It runs what `npm run build` has compiled. */
export function buildInProcess(
  { remote, commit, name, env }: CheckOutRequest,
  cache: string,
  file: string,
): ChildProcess {
  const moduleAt = (path: string): string => JSON.stringify(new URL(path, import.meta.url).href);
  const script = `
    import { readFile } from "node:fs/promises";
    import { checkOut } from ${moduleAt("../../dist/checkout/check-out.js")};
    import { createStore } from ${moduleAt("../../../node-edges/dist/index.js")};
    import { silentLog, silentReport } from ${moduleAt("../../../core/dist/index.js")};
    const { files, settle } = await checkOut({
      ...${JSON.stringify({ remote, commit, name, env })},
      store: createStore({ directory: ${JSON.stringify(cache)}, env: {} }),
      signal: new AbortController().signal,
      report: silentReport,
      log: silentLog,
    });
    process.stdout.write(await readFile((await files()) + ${JSON.stringify(`/${file}`)}));
    await settle();`;
  return spawn(process.execPath, ["--input-type=module", "--eval", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
}

/** Returns 300 kB that differ for each seed, and that git cannot compress to less than 100 kB. */
export function noise(seed: number): string {
  return Array.from({ length: 15_000 }, (_, index) => `${String(Math.sin(seed * 0.37 + index))}\n`).join("");
}

/** Returns the directory of the only object store. */
export async function onlyObjectStore({ root }: HermesWorld): Promise<string> {
  const [path = "", ...more] = await objectStoresIn(root);
  expect(more).toEqual([]);
  return path;
}

/** Returns the directories of the object stores of hermes. */
export async function objectStoresIn(root: string): Promise<string[]> {
  const parent = join(root, "cache", ".repositories", "hermes");
  const names = await readdir(parent, { recursive: true }).catch(() => []);
  return names.filter((name) => /^[^/]+\/objects\.git$/.test(name)).map((name) => join(parent, name));
}

/** Counts the bytes that the forge sends in response to git, from now on. */
export function countGitBytes(forge: Forge): () => number {
  let bytes = 0;
  forge.fault("git", (_request, response) => {
    const write = response.write.bind(response) as (chunk: Uint8Array, ...rest: never[]) => boolean;
    response.write = (chunk: Uint8Array, ...rest: never[]) => {
      bytes += chunk.length;
      return write(chunk, ...rest);
    };
    return false;
  });
  return () => bytes;
}
