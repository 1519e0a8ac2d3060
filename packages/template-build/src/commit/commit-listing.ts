/** A file or a link of a commit. */
export interface CommitBlob {
  readonly kind: "file" | "link";
  /** The hash of its content, in hex. */
  readonly id: string;
  /** Bytes. */
  readonly size: number;
  /** Permissions in a context: 0644 or 0755. */
  readonly mode: number;
  /** Its place in {@link CommitListing.blobs}. */
  readonly index: number;
}

export interface CommitDirectory {
  readonly kind: "directory";
  readonly entries: Map<string, CommitNode>;
  /** Entries whose names are not UTF-8, by the bytes of their names as Latin-1. */
  readonly undecodable: Map<string, CommitNode>;
}

export type CommitNode = CommitBlob | CommitDirectory;

/** The names, sizes and hashes of a commit's files, without their content. */
export interface CommitListing {
  readonly root: CommitDirectory;
  /** In the order of git, which is nearly that of a walk. */
  readonly blobs: readonly CommitBlob[];
  /** The hashes of all directories but the root, in hex, some of them several times. */
  readonly trees: readonly string[];
  /** The path of the first submodule, if any. A submodule is an empty directory of the tree. */
  readonly submodule: string | undefined;
  /** Every `.gitattributes`. */
  readonly attributeFiles: readonly CommitBlob[];
}
