import { createIgnoreMatcher, parseDockerignore, type IgnoreMatcher } from "./dockerignore.js";
import { findIgnoreFile, rootIgnoreFile } from "./find-ignore-file.js";
import type { FileTree } from "./file-tree.js";
import { readSmallFile } from "./read-small-file.js";

/** A template, and its Dockerfile to build. */
export interface ContextSubject {
  readonly tree: FileTree;
  /** The result of `locateDockerfile`. */
  readonly dockerfile: string;
  /** The requested path of the Dockerfile; its ignore file is next to this path. Default: `dockerfile`. */
  readonly namedDockerfile?: string | undefined;
}

/** The files that the build context omits, and the ignore file that lists them. */
export interface ContextIgnores {
  readonly matcher: IgnoreMatcher;
  /** A regular file in the tree; undefined if the template has none. */
  readonly ignoreFile: string | undefined;
}

/** Throws `TEMPLATE_INVALID` if the ignore file cannot be used. */
export async function contextIgnores({
  tree,
  dockerfile,
  namedDockerfile = dockerfile,
}: ContextSubject): Promise<ContextIgnores> {
  const ignoreFile = await findIgnoreFile(tree, namedDockerfile);
  const text = ignoreFile === undefined ? "" : ((await readSmallFile(tree, ignoreFile)) ?? "");
  return { ignoreFile, matcher: createIgnoreMatcher(parseDockerignore(text), ignoreFile ?? rootIgnoreFile) };
}
