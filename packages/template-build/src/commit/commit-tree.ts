import { isPromise, type Awaitable, type Coroutine } from "../context/coroutine.js";
import type { EntryStats, FileTree, NamedEntry, TreeDirectory, TreeFile } from "../context/file-tree.js";
import { byName, isAscii, nameIn } from "../context/sorted-entries.js";
import { utf8 } from "../context/utf8.js";
import type { CommitBlobs } from "./commit-blobs.js";
import type { CommitDirectory, CommitNode } from "./commit-listing.js";

/** Returns the files of a commit as a tree that cannot change. */
export function commitTree(root: CommitDirectory, blobs: CommitBlobs): FileTree {
  return {
    // eslint-disable-next-line require-yield -- a listing is in memory
    *root() {
      return new OpenCommitDirectory(root, blobs);
    },
  };
}

class OpenCommitDirectory implements TreeDirectory {
  constructor(
    private readonly directory: CommitDirectory,
    private readonly blobs: CommitBlobs,
  ) {}

  // eslint-disable-next-line require-yield
  *entries(where: string): Coroutine<never, readonly NamedEntry[]> {
    const { entries, undecodable } = this.directory;
    const [bad] = [...undecodable.keys()].sort();
    if (bad !== undefined) utf8(Buffer.from(bad, "latin1"), nameIn(where));
    const named = [...entries].map(([name, { kind }]) => ({ name, kind }));
    return named.every(({ name }) => isAscii(name)) ? named.sort(byName) : named.sort(byBytes);
  }

  // eslint-disable-next-line require-yield
  *stat(name: string): Coroutine<never, EntryStats | undefined> {
    const node = this.directory.entries.get(name);
    if (node === undefined) return undefined;
    const { kind } = node;
    return kind === "directory"
      ? { kind, size: 0, mode: 0o755 }
      : { kind, size: node.size, mode: node.mode, contentId: node.id };
  }

  readlink(name: string): Awaitable<Buffer> {
    const target = this.blobs.read(this.#node(name, "link"));
    return isPromise(target) ? target.then(untilNul) : untilNul(target);
  }

  // eslint-disable-next-line require-yield
  *openDirectory(name: string): Coroutine<never, TreeDirectory> {
    return new OpenCommitDirectory(this.#node(name, "directory"), this.blobs);
  }

  openFile(name: string): Awaitable<TreeFile> {
    return this.blobs.open(this.#node(name, "file"));
  }

  close(): void {
    // Nothing is open.
  }

  #node<Kind extends CommitNode["kind"]>(name: string, kind: Kind): CommitNode & { kind: Kind } {
    const node = this.directory.entries.get(name);
    if (node?.kind !== kind) throw new TypeError(`the commit has no ${kind} ${JSON.stringify(name)} here`);
    return node as CommitNode & { kind: Kind };
  }
}

function byBytes(one: NamedEntry, other: NamedEntry): number {
  return Buffer.from(one.name).compare(Buffer.from(other.name));
}

/** The part of a target that a checkout passes to symlink(2). */
function untilNul(target: Buffer): Buffer {
  const end = target.indexOf(0);
  return end === -1 ? target : target.subarray(0, end);
}
