import { isImageSourceError } from "@molecule/core";
import { unusedName, type ArchivePlan } from "./archive-plan.js";
import { contextEntries } from "./context-entries.js";
import { contextIgnores, type ContextSubject } from "./context-ignores.js";
import { createIgnoreMatcher, parseDockerignore, type IgnoreMatcher } from "./dockerignore.js";
import { rootIgnoreFile } from "./find-ignore-file.js";
import type { FileTree } from "./file-tree.js";
import { followInTree } from "./follow-in-tree.js";
import { OpenPath } from "./open-path.js";
import { readSmallBytes, readSmallFile } from "./read-small-file.js";
import { resultOf, valuesOf } from "./coroutine.js";
import { templateInvalid } from "./template-invalid.js";

/**
 * Returns the archive for Docker's classic builder, which reads the Dockerfile from the archive and then removes from the
 * context the Dockerfile and `.dockerignore`, if the archive's `.dockerignore` lists them. An ignored Dockerfile is therefore
 * added at a path that this file lists, or together with an ignore file that lists both (docs/adr/0054).
 */
export async function classicArchive(subject: ContextSubject): Promise<ArchivePlan> {
  const { tree, dockerfile } = subject;
  const { matcher } = await contextIgnores(subject);
  const hasRootFile = !matcher.ignores(rootIgnoreFile) && (await hasRootEntry(tree, rootIgnoreFile));
  const removes = hasRootFile ? await removedByBuilder(tree, matcher) : () => false;
  if (removes(rootIgnoreFile)) throw cannotKeep(rootIgnoreFile);
  if (!matcher.ignores(dockerfile)) {
    if (removes(dockerfile)) throw cannotKeep(dockerfile);
    return { dockerfile, added: [], excludes: [] };
  }

  const content = (await readSmallBytes(tree, dockerfile)) ?? Buffer.alloc(0);
  if (!hasRootFile) {
    const path = unusedName();
    const ignoreFile = { path: rootIgnoreFile, content: Buffer.from(`${rootIgnoreFile}\n${path}\n`) };
    return { dockerfile: path, added: [ignoreFile, { path, content }], excludes: [] };
  }
  const path = await ignoredPath(subject, matcher);
  if (!removes(path)) throw cannotOmit(dockerfile);
  return { dockerfile: path, added: [{ path, content }], excludes: [] };
}

async function hasRootEntry(tree: FileTree, name: string): Promise<boolean> {
  const place = new OpenPath(tree);
  try {
    const root = await resultOf(place.to("."));
    return (await resultOf(root.stat(name))) !== undefined;
  } finally {
    place.close();
  }
}

/** Returns what the builder removes, according to the `.dockerignore` that it finds in the context. */
async function removedByBuilder(tree: FileTree, sent: IgnoreMatcher): Promise<(path: string) => boolean> {
  try {
    const place = await followInTree(tree, rootIgnoreFile);
    if (place.kind !== "file" || sent.ignores(place.path)) return () => false;
    const text = (await readSmallFile(tree, place.path)) ?? "";
    const matcher = createIgnoreMatcher(parseDockerignore(text), place.path);
    return (path) => matcher.ignores(path);
  } catch (error) {
    // The builder skips a file that it cannot use here; another ignore file determines what is sent.
    if (isImageSourceError(error)) return () => false;
    throw error;
  }
}

/** Returns the topmost ignored path on the way to the Dockerfile that the context lacks: nothing below it is kept. */
async function ignoredPath({ tree, dockerfile }: ContextSubject, matcher: IgnoreMatcher): Promise<string> {
  const listed = new Set<string>();
  for await (const { kind, path } of valuesOf(contextEntries(tree, { matcher, always: [] })))
    if (kind === "directory") listed.add(path);
  const parts = dockerfile.split("/");
  const places = parts.map((_part, index) => parts.slice(0, index + 1).join("/"));
  return places.find((place) => matcher.ignores(place) && !listed.has(place)) ?? dockerfile;
}

const hint =
  "List the same files in .dockerignore and in the ignore file of the Dockerfile, or build with BuildKit.";

function cannotKeep(path: string): Error {
  return templateInvalid(
    `the classic builder drops ${JSON.stringify(path)} from the context, because .dockerignore lists it`,
    hint,
  );
}

function cannotOmit(dockerfile: string): Error {
  return templateInvalid(
    `the classic builder cannot leave ${JSON.stringify(dockerfile)} out of the context: .dockerignore does not list it`,
    hint,
  );
}
