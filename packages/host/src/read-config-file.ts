import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { basename, extname } from "node:path";
import { types } from "node:util";
import { isTree, type Tree } from "./config-layer.js";
import type { Problem } from "./config-problem.js";
import { plainTreeProblems } from "./plain-tree.js";

const maxBytes = 1024 * 1024;

/** What a configuration file says, or what is wrong with it. Nothing in it is executed; reads regular files only. */
export async function readConfigFile(
  file: string,
): Promise<{ readonly values: Tree; readonly problems: readonly Problem[] }> {
  const failed = (what: string): { values: Tree; problems: readonly Problem[] } => ({
    values: {},
    problems: [{ where: file, path: "", what }],
  });
  if (![".json", ".yaml", ".yml", ""].includes(extname(file))) {
    return failed("is neither JSON nor YAML by its name; nothing executable is ever read");
  }
  let parsed: unknown;
  try {
    parsed = await parse(file, await readText(file));
  } catch (error) {
    return failed(describe(error, file));
  }
  const problems = plainTreeProblems(parsed, file);
  if (problems.length > 0) return { values: {}, problems };
  // An empty YAML file, or one that holds only comments, says nothing.
  if (parsed === undefined || parsed === null) return { values: {}, problems };
  return isTree(parsed) ? { values: parsed, problems } : failed("must hold a map");
}

async function readText(file: string): Promise<string> {
  // Opening a named pipe would wait for a writer.
  const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    if (!(await handle.stat()).isFile()) throw new Error("is not a regular file");
    // One byte more than allowed shows a file that is too long, also while it grows.
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(maxBytes + 1), 0, maxBytes + 1, 0);
    if (bytesRead > maxBytes) throw new Error(`is longer than ${String(maxBytes)} bytes`);
    return buffer.toString("utf8", 0, bytesRead).replace(/^\uFEFF/, "");
  } finally {
    await handle.close();
  }
}

async function parse(file: string, text: string): Promise<unknown> {
  // Only the loaders: the explorer executes .config/config.js of the working directory on every call (ADR 0006).
  const { defaultLoadersSync: loaders } = await import("cosmiconfig");
  const load = extname(file) === ".json" ? loaders[".json"] : loaders[".yaml"];
  return load(basename(file), text) as unknown;
}

function describe(error: unknown, file: string): string {
  if (!types.isNativeError(error)) return String(error);
  const { code } = error as NodeJS.ErrnoException;
  if (code !== undefined && "syscall" in error) return `cannot be read: ${code}`;
  // The loaders put a title line of their own first and a drawing of the place last.
  const [title = "", next = ""] = error.message.split("\n");
  return title.endsWith(`Error in ${basename(file)}:`) ? next : title;
}
