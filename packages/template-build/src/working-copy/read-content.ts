import { createHash, type Hash } from "node:crypto";
import { contextEntries, type FileEntry } from "../context/context-entries.js";
import { contextIgnores, type ContextSubject } from "../context/context-ignores.js";
import { awaited, resultOf, type Coroutine } from "../context/coroutine.js";
import { locateDockerfile } from "../context/locate-dockerfile.js";
import { diskTree } from "../context/disk-tree.js";
import { readSmallBytes } from "../context/read-small-file.js";
import { templateArguments, type ArgumentOptions } from "../dockerfile/template-arguments.js";

/** The content of a template that is not a commit, at one moment. */
export interface Content {
  /** A hash of everything in the template that affects the build. */
  readonly hash: string;
  /** Changes whenever a file of the build context is written, even if its content is then restored. */
  readonly stamp: string;
  /** The names of the build arguments, sorted. */
  readonly buildArgs: readonly string[];
}

export interface ContentRequest {
  readonly directory: string;
  readonly options: ArgumentOptions & { readonly dockerfile: string };
  readonly signal: AbortSignal;
}

/**
 * Reads the build context once, as a build would: `.git` and ignored files do not count. The Dockerfile and the files of
 * build arguments count even if they are ignored. Fails with `TEMPLATE_INVALID`, `CHECKOUT_FAILED` (a file changed while it
 * was read) or `STORAGE_UNUSABLE`, and with the signal's reason.
 */
export async function readContent({ directory, options, signal }: ContentRequest): Promise<Content> {
  const tree = diskTree(directory);
  const namedDockerfile = options.dockerfile;
  const dockerfile = await locateDockerfile(tree, namedDockerfile);
  const { buildArgs, fromFiles } = await templateArguments(tree, dockerfile, options);
  const hash = createHash("sha256");
  hash.update(JSON.stringify(fromFiles));
  hash.update((await readSmallBytes(tree, dockerfile)) ?? "");
  const stamp = createHash("sha256");
  await resultOf(addContext({ tree, dockerfile, namedDockerfile }, { hash, stamp }, signal));
  return { hash: hash.digest("hex"), stamp: stamp.digest("hex"), buildArgs: Object.keys(buildArgs).sort() };
}

/** Longer reads would not be synchronous. */
const chunkBytes = 64 * 1024;

interface Digests {
  readonly hash: Hash;
  readonly stamp: Hash;
}

function* addContext(subject: ContextSubject, digests: Digests, signal: AbortSignal): Coroutine<never> {
  const chunk = Buffer.allocUnsafe(chunkBytes);
  const { matcher } = yield* awaited(contextIgnores(subject));
  for (const entry of contextEntries(subject.tree, { matcher, always: [] })) {
    if (!("kind" in entry)) {
      yield entry;
      signal.throwIfAborted();
    } else if (entry.kind === "file") yield* addFile(entry, digests, chunk);
    else
      digests.hash.update(
        `\n${JSON.stringify([entry.kind, entry.path, "target" in entry ? entry.target : ""])}`,
      );
  }
}

function* addFile(entry: FileEntry, { hash, stamp }: Digests, chunk: Buffer): Coroutine<never> {
  const file = yield* awaited(entry.parent.openFile(entry.name, entry.path));
  try {
    stamp.update(`${file.stamp}\n`);
    // With its length, so that no content can look like the next entry.
    hash.update(`\n${JSON.stringify([entry.kind, entry.path, file.mode, file.size])}`);
    do {
      const bytes = yield* awaited(file.read(chunk, 0));
      hash.update(chunk.subarray(0, bytes));
    } while (!file.isRead);
  } finally {
    file.close();
  }
}
