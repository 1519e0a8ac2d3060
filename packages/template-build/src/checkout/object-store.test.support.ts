import { spawn, type ChildProcess } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { isImageSourceError, parseCommitSha, silentLog, silentReport } from "@molecule/core";
import { createStore } from "@molecule/node-edges";
import type { Forge } from "@molecule/testkit";
import type { CheckOutRequest } from "./check-out-request.js";
import { checkOut } from "./check-out.js";

/** Returns the request for a commit of the template hermes, with a cache in `root`. */
export function hermesRequest(
  { forge, root, sha }: { readonly forge: Forge; readonly root: string; readonly sha: string },
  changes: Partial<CheckOutRequest> = {},
): CheckOutRequest {
  return {
    remote: {
      url: `${forge.repoPrefix()}hermes.git`,
      branch: "main",
      authorization: undefined,
      tokenVariable: "MOLECULE_GITEA_TOKEN",
    },
    commit: parseCommitSha(sha),
    store: createStore({ directory: join(root, "cache"), env: {} }),
    name: `hermes/${sha.slice(0, 12)}`,
    env: { PATH: process.env["PATH"] },
    signal: new AbortController().signal,
    report: silentReport,
    log: silentLog,
    ...changes,
  };
}

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
