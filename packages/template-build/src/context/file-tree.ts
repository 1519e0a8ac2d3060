import type { Awaitable, Coroutine } from "./coroutine.js";

/** The files of a template: a directory on the disk, or a commit in a git repository. */
export interface FileTree {
  /** Opens the topmost directory. */
  root(): Coroutine<never, TreeDirectory>;
}

/** An open directory of a tree. */
export interface TreeDirectory {
  /**
   * Returns the entries, sorted by the bytes of their names. Throws `TEMPLATE_INVALID` if a name is not UTF-8.
   * @param where the directory, for the error
   */
  entries(where: string): Coroutine<never, readonly NamedEntry[]>;
  /** Follows no link. Returns undefined if there is no such entry. */
  stat(name: string): Coroutine<never, EntryStats | undefined>;
  readlink(name: string): Awaitable<Buffer>;
  /** Fails if it is a link. */
  openDirectory(name: string): Coroutine<never, TreeDirectory>;
  /**
   * Fails with `CHECKOUT_FAILED` if it is not a regular file, or with `STORAGE_UNUSABLE`.
   * @param path the path in the tree, for the error
   */
  openFile(name: string, path: string): Awaitable<TreeFile>;
  close(): void;
}

export type EntryKind = "directory" | "file" | "link" | "other";

/** An entry of a directory. */
export interface NamedEntry {
  readonly name: string;
  readonly kind: EntryKind;
}

/** The properties of an entry that are known without reading it. */
export interface EntryStats {
  readonly kind: EntryKind;
  /** Bytes of a file. */
  readonly size: number;
  /** Permissions of a file in a context: 0644 or 0755. */
  readonly mode: number;
  /** Identifies the content of a file, if the tree knows it: different for different contents. */
  readonly contentId?: string;
}

/** An open file. */
export interface TreeFile extends Pick<EntryStats, "size" | "mode"> {
  /** Changes whenever the file is written or replaced. */
  readonly stamp: string;
  /** Whether the whole file has been read and its end confirmed: then `size` bytes were read. */
  readonly isRead: boolean;
  /**
   * Reads at least one byte, unless the file ends, into `into`, from `at` on; returns the number of bytes. Fails with
   * `CHECKOUT_FAILED` if the file does not have exactly `size` bytes.
   */
  read(into: Buffer, at: number): Awaitable<number>;
  close(): void;
}
