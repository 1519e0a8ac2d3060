/** The facts of a commit that a build needs. */
export interface CommitFacts {
  /** The hash of its root directory, in hex. */
  readonly tree: string;
  /** The committer's time. */
  readonly committedAt: Date;
}

const form = /^tree ([0-9a-f]+)\n(?:.*\n)*?committer .*> (-?\d+)(?: [^\n]*)?$/m;

/** Parses the content of a commit object; returns undefined if it is malformed. */
export function parseCommit(content: Buffer): CommitFacts | undefined {
  const end = content.indexOf("\n\n");
  const head = content.toString("latin1", 0, end === -1 ? content.length : end);
  const [, tree, seconds] = form.exec(head) ?? [];
  const committedAt = new Date(Number(seconds) * 1000);
  return tree === undefined || Number.isNaN(committedAt.getTime()) ? undefined : { tree, committedAt };
}
