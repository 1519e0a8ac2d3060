import { isUtf8 } from "node:buffer";
import { basename, extname } from "node:path";
import { parseJson } from "@molecule/core";
import { isTree, type Tree } from "../layers/config-layer.js";
import type { Problem } from "../layers/config-problem.js";
import { describeReadFailure } from "../layers/describe-read-failure.js";
import { plainTreeProblems } from "../layers/plain-tree.js";
import { nameOfType } from "../layers/plain-schema-message.js";
import { readRegularFile } from "../layers/read-regular-file.js";

const maxBytes = 1024 * 1024;

export interface ConfigFile {
  readonly values: Tree;
  readonly problems: readonly Problem[];
  /** The exact bytes that were parsed; empty if the file could not be read. */
  readonly content: Uint8Array;
}

/**
 * Reads the values of a configuration file, or its problems. Executes nothing and reads only regular files.
 * @param file the file's name, which determines whether it is JSON or YAML
 * @param path the file's real path
 */
export async function readConfigFile(file: string, path = file): Promise<ConfigFile> {
  let content: Uint8Array = new Uint8Array();
  const result = (values: Tree, problems: readonly Problem[]): ConfigFile => ({ values, problems, content });
  const failed = (what: string): ConfigFile => result({}, [{ where: file, path: "", what }]);
  if (![".json", ".yaml", ".yml", ""].includes(extname(file))) {
    return failed("is not JSON or YAML by its name; executable files are never read");
  }
  let parsed: unknown;
  try {
    const bytes = await readRegularFile(path, { maxBytes });
    content = bytes;
    if (!isUtf8(bytes)) return failed("is not UTF-8 text");
    parsed = await parse(file, bytes.toString("utf8").replace(/^\uFEFF/, ""));
  } catch (error) {
    return failed(describeYamlFailure(error) ?? describeReadFailure(error));
  }
  const problems = plainTreeProblems(parsed, file);
  if (problems.length > 0) return result({}, problems);
  // An empty YAML file, or one with only comments, parses to null or undefined.
  if (parsed === undefined || parsed === null) return result({}, problems);
  return isTree(parsed) ? result(parsed, problems) : failed(`must be a map, not ${nameOfType(parsed)}`);
}

async function parse(file: string, text: string): Promise<unknown> {
  if (extname(file) === ".json") return parseJson(text, { uniqueKeys: true });
  // Only the loader: the explorer executes .config/config.js of the working directory on every call (ADR 0006).
  const { defaultLoadersSync: loaders } = await import("cosmiconfig");
  return loaders[".yaml"](basename(file), text) as unknown;
}

/** Returns the reason and its position. The parser's own message spans several lines. */
function describeYamlFailure(error: unknown): string | undefined {
  const { reason, mark } = error as { readonly reason?: unknown; readonly mark?: unknown };
  if (typeof reason !== "string") return undefined;
  if (!isTree(mark)) return reason;
  const [line, column] = [mark["line"], mark["column"]].map((value) => String(Number(value) + 1));
  return `line ${line ?? ""}, column ${column ?? ""}: ${reason}`;
}
