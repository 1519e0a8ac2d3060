import { isUtf8 } from "node:buffer";
import type { Stats } from "node:fs";
import type { IgnoreMatcher } from "./dockerignore.js";
import { templateInvalid } from "./template-invalid.js";
import { openTreeDirectory, type TreeDirectory } from "./tree-directory.js";
import { unreadable } from "./unreadable.js";

/** Something that belongs into the build context. */
export type ContextEntry = { /** Relative, with slashes. */ readonly path: string } & (
  | { readonly kind: "directory" }
  | { readonly kind: "link"; readonly target: string }
  /** `parent` is open until the next entry is asked for. */
  | { readonly kind: "file"; readonly seen: Stats; readonly name: string; readonly parent: TreeDirectory }
);

export interface ContextSelection {
  readonly matcher: IgnoreMatcher;
  /** Paths that stay in whatever the matcher says: the Dockerfile and the ignore file. */
  readonly always: readonly string[];
}

/** Everything below `directory` that is selected, in the order of the names' bytes. `.git` never is. */
export async function* contextEntries(
  directory: string,
  selection: ContextSelection,
): AsyncGenerator<ContextEntry> {
  const root = await openTreeDirectory(directory).catch((error: unknown) => {
    throw unreadable(directory, error);
  });
  try {
    yield* entriesOf(root, "", selection);
  } finally {
    await root.close();
  }
}

async function* entriesOf(
  parent: TreeDirectory,
  above: string,
  selection: ContextSelection,
): AsyncGenerator<ContextEntry> {
  const { matcher, always } = selection;
  for (const name of await sortedNames(parent, above)) {
    if (name === ".git") continue;
    const path = above === "" ? name : `${above}/${name}`;
    const isIgnored = !always.includes(path) && matcher.ignores(path);
    const holdsKept = (): boolean =>
      matcher.mayHoldKept(path) || always.some((kept) => kept.startsWith(`${path}/`));
    const seen = await reading(path, parent.lstat(name));
    if (seen.isDirectory()) {
      if (isIgnored && !holdsKept()) continue;
      yield* directoryEntries(parent, name, path, isIgnored, selection);
    } else if (isIgnored) {
      continue;
    } else if (seen.isFile()) {
      yield { kind: "file", path, seen, name, parent };
    } else if (seen.isSymbolicLink()) {
      yield {
        kind: "link",
        path,
        target: text(await reading(path, parent.readlink(name)), `the link ${path}`),
      };
    } else {
      throw templateInvalid(
        `${JSON.stringify(path)} of the template is neither a file, a directory nor a link`,
        "Remove it, or name it in .dockerignore.",
      );
    }
  }
}

/** An ignored directory appears only together with the first thing below it that is kept. */
async function* directoryEntries(
  parent: TreeDirectory,
  name: string,
  path: string,
  isIgnored: boolean,
  selection: ContextSelection,
): AsyncGenerator<ContextEntry> {
  if (!isIgnored) yield { kind: "directory", path };
  const directory = await reading(path, parent.openDirectory(name));
  try {
    let isShown = !isIgnored;
    for await (const entry of entriesOf(directory, path, selection)) {
      if (!isShown) yield { kind: "directory", path };
      isShown = true;
      yield entry;
    }
  } finally {
    await directory.close();
  }
}

async function sortedNames(directory: TreeDirectory, above: string): Promise<string[]> {
  const names = await reading(above, directory.names());
  return names
    .sort((one, other) => one.compare(other))
    .map((name) => text(name, `a name in ${above === "" ? "the root" : above}`));
}

// Any other encoding would have to be guessed, and the image would hold another name than the repository.
function text(bytes: Buffer, what: string): string {
  if (isUtf8(bytes)) return bytes.toString("utf8");
  throw templateInvalid(
    `${JSON.stringify(what)} of the template is not UTF-8: ${JSON.stringify(bytes.toString("latin1"))}`,
    "Rename it in the template.",
  );
}

async function reading<T>(path: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw unreadable(path, error);
  }
}
