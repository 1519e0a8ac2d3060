import { isUtf8 } from "node:buffer";
import { basename, extname } from "node:path";
import { parseJson } from "@molecule/core";
import { isTree, type Tree } from "./config-layer.js";
import type { Problem } from "./config-problem.js";
import { describeReadFailure } from "./describe-read-failure.js";
import { plainTreeProblems } from "./plain-tree.js";
import { nameOfType } from "./plain-schema-message.js";
import { readRegularFile } from "./read-regular-file.js";

const maxBytes = 1024 * 1024;

export interface ConfigFile {
  readonly values: Tree;
  readonly problems: readonly Problem[];
  /** What was parsed, byte for byte; empty when the file could not be read. */
  readonly content: Uint8Array;
}

/**
 * What a configuration file says, or what is wrong with it. Nothing in it is executed; reads regular files only.
 * @param file its name, which says whether it is JSON or YAML
 * @param path where it lies, when links were resolved
 */
export async function readConfigFile(file: string, path = file): Promise<ConfigFile> {
  let content: Uint8Array = new Uint8Array();
  const answer = (values: Tree, problems: readonly Problem[]): ConfigFile => ({ values, problems, content });
  const failed = (what: string): ConfigFile => answer({}, [{ where: file, path: "", what }]);
  if (![".json", ".yaml", ".yml", ""].includes(extname(file))) {
    return failed("must end in .json, .yaml or .yml: configuration is never executed");
  }
  let parsed: unknown;
  try {
    const bytes = await readRegularFile(path, { maxBytes });
    content = bytes;
    if (!isUtf8(bytes)) return failed("is not text in UTF-8");
    parsed = await parse(file, bytes.toString("utf8").replace(/^\uFEFF/, ""));
  } catch (error) {
    return failed(describeYamlFailure(error) ?? describeReadFailure(error));
  }
  const problems = plainTreeProblems(parsed, file);
  if (problems.length > 0) return answer({}, problems);
  // An empty YAML file, or one that holds only comments, says nothing.
  if (parsed === undefined || parsed === null) return answer({}, problems);
  return isTree(parsed) ? answer(parsed, problems) : failed(`must be a map, not ${nameOfType(parsed)}`);
}

async function parse(file: string, text: string): Promise<unknown> {
  if (extname(file) === ".json") return parseJson(text, { uniqueKeys: true });
  // Only the loader: the explorer executes .config/config.js of the working directory on every call (ADR 0006).
  const { defaultLoadersSync: loaders } = await import("cosmiconfig");
  return loaders[".yaml"](basename(file), text) as unknown;
}

/** The parser's own message begins with a title and ends with a drawing of the place. */
function describeYamlFailure(error: unknown): string | undefined {
  const { reason, mark } = error as { readonly reason?: unknown; readonly mark?: unknown };
  if (typeof reason !== "string") return undefined;
  if (!isTree(mark)) return reason;
  const [line, column] = [mark["line"], mark["column"]].map((value) => String(Number(value) + 1));
  return `line ${line ?? ""}, column ${column ?? ""}: ${reason}`;
}
