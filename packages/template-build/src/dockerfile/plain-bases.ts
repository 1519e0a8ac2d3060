import { parseImageReference } from "@molecule/core";
import type { FileTree } from "../context/file-tree.js";
import { readSmallFile } from "../context/read-small-file.js";
import { expandWord } from "./expand-word.js";
import { globalVariables } from "./global-variables.js";
import { readDirectives } from "./read-directives.js";
import { readInstructions } from "./read-instructions.js";

/**
 * Returns the base images that a Dockerfile names without a platform, earlier stages included. Skips images that are
 * not known before the build.
 */
export async function plainBases(
  tree: FileTree,
  dockerfile: string,
  buildArgs: Readonly<Record<string, string>>,
): Promise<readonly string[]> {
  const text = (await readSmallFile(tree, dockerfile)) ?? "";
  const { escape } = readDirectives(text);
  const instructions = readInstructions(text, { escape, heredocs: true, continuesDoubled: false });
  const variables = globalVariables(instructions, escape, buildArgs);
  const bases = instructions
    .filter(({ name, rest }) => name === "FROM" && !/^\s*--/.test(rest))
    .map(({ rest }) => expandWord(rest.trim().split(/\s+/, 1)[0] ?? "", variables, escape));
  return [...new Set(bases.filter((base): base is string => base !== undefined && isReference(base)))];
}

/** Anything else fails in the build. */
function isReference(written: string): boolean {
  try {
    parseImageReference(written);
    return written !== "scratch";
  } catch {
    return false;
  }
}
