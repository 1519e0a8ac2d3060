import { isUtf8 } from "node:buffer";
import { eventLoopPauses } from "../context/event-loop-pauses.js";
import { isAscii } from "../context/sorted-entries.js";
import type { CommitBlob, CommitDirectory, CommitListing, CommitNode } from "./commit-listing.js";

/** The tree of a commit cannot be a directory on a disk; `git checkout` fails on it too. */
export class MalformedTree extends Error {}

const modes = {
  kind: 0o170000,
  directory: 0o040000,
  file: 0o100000,
  link: 0o120000,
  runnable: 0o100,
} as const;
const [nul, tab] = [0, 9];
/** Linux creates no links with a longer target. */
const maxTargetBytes = 4095;

/**
 * Parses the output of `git ls-tree -r -t -z -l`: `<mode> <type> <hash> <padded size, or ->\t<path>\0` for each entry.
 * Throws {@link MalformedTree}.
 */
export async function parseListing(listing: Buffer): Promise<CommitListing> {
  const pauseIfDue = eventLoopPauses();
  const parser = new ListingParser();
  let at = 0;
  for (let end = listing.indexOf(nul); end !== -1; end = listing.indexOf(nul, at)) {
    parser.add(listing.subarray(at, end));
    at = end + 1;
    await pauseIfDue();
  }
  return parser.result();
}

class ListingParser {
  readonly #root = emptyDirectory();
  readonly #blobs: CommitBlob[] = [];
  readonly #trees: string[] = [];
  readonly #attributeFiles: CommitBlob[] = [];
  #submodule: string | undefined;
  #records = 0;
  #nodes = 0;
  /** The directory of the last file. */
  #last: { path: string; directory: CommitDirectory } = { path: "", directory: this.#root };

  add(record: Buffer): void {
    this.#records += 1;
    const head = record.toString("latin1", 0, record.indexOf(tab));
    const mode = Number.parseInt(head, 8);
    const kind = mode & modes.kind;
    const idAt = head.indexOf(" ", head.indexOf(" ") + 1) + 1;
    const id = record.toString("latin1", idAt, head.indexOf(" ", idAt));
    if (kind === modes.directory) {
      // A directory is created for its first file: git checks out none without files.
      this.#trees.push(id);
      return;
    }
    const path = record.toString("latin1", head.length + 1);
    const slash = path.lastIndexOf("/");
    const directory = this.#directoryAt(path.slice(0, Math.max(slash, 0)));
    // A copy: a part of `path` would keep all of it in memory.
    const name = record.toString("latin1", head.length + 1 + slash + 1);
    if (kind !== modes.file && kind !== modes.link) {
      this.#submodule ??= decoded(path);
      this.#put(directory, name, emptyDirectory());
      return;
    }
    const blob: CommitBlob = {
      kind: kind === modes.file ? "file" : "link",
      id,
      size: Number(head.slice(head.lastIndexOf(" ") + 1)),
      mode: (mode & modes.runnable) === 0 ? 0o644 : 0o755,
      index: this.#blobs.length,
    };
    if (blob.kind === "link" && (blob.size === 0 || blob.size > maxTargetBytes))
      throw new MalformedTree(`the target of the link ${quoted(path)} has ${String(blob.size)} bytes`);
    this.#put(directory, name, blob);
    this.#blobs.push(blob);
    if (name === ".gitattributes") this.#attributeFiles.push(blob);
  }

  result(): CommitListing {
    return {
      root: this.#root,
      blobs: this.#blobs,
      trees: this.#trees,
      submodule: this.#submodule,
      attributeFiles: this.#attributeFiles,
    };
  }

  /** @param path Latin-1 */
  #directoryAt(path: string): CommitDirectory {
    if (path === this.#last.path) return this.#last.directory;
    let directory = this.#root;
    for (const name of path === "" ? [] : path.split("/")) {
      const [entries, key] = placeOf(directory, name);
      let below = entries.get(key);
      if (below?.kind !== "directory" || isSubmodule(below)) {
        below = emptyDirectory();
        this.#put(directory, name, below);
      }
      directory = below;
    }
    this.#last = { path, directory };
    return directory;
  }

  #put(directory: CommitDirectory, name: string, node: CommitNode): void {
    if (name === "" || name === "." || name === "..")
      throw new MalformedTree(`it has an entry with the name ${quoted(name)}`);
    const [entries, key] = placeOf(directory, name);
    if (entries.has(key)) throw new MalformedTree(`it has two entries with the name ${quoted(name)}`);
    // Each directory has a record, unless its "name" is a part of another one's.
    if ((this.#nodes += 1) > this.#records) throw new MalformedTree("it has a name with a slash");
    entries.set(key, node);
  }
}

function emptyDirectory(): CommitDirectory {
  return { kind: "directory", entries: new Map(), undecodable: new Map() };
}

/** Other directories have had an entry since they were created. */
function isSubmodule({ entries, undecodable }: CommitDirectory): boolean {
  return entries.size === 0 && undecodable.size === 0;
}

/** Returns where a directory keeps an entry of that name, given as Latin-1. */
function placeOf(directory: CommitDirectory, name: string): [Map<string, CommitNode>, string] {
  if (isAscii(name)) return [directory.entries, name];
  const bytes = Buffer.from(name, "latin1");
  return isUtf8(bytes) ? [directory.entries, bytes.toString("utf8")] : [directory.undecodable, name];
}

const decoded = (path: string): string => Buffer.from(path, "latin1").toString("utf8");
const quoted = (path: string): string => JSON.stringify(decoded(path));
