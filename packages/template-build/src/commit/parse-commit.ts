/** The facts of a commit that a build needs. */
export interface CommitFacts {
  /** The hash of its root directory, in hex. */
  readonly tree: string;
  /** The committer's time. */
  readonly committedAt: Date;
}

/**
 * Parses the content of a commit object; returns undefined if it is malformed. Reads line by line: with one expression
 * for the whole header, a hostile commit of many lines would occupy this process for hours.
 */
export function parseCommit(content: Buffer): CommitFacts | undefined {
  const end = content.indexOf("\n\n");
  const [first = "", ...others] = content
    .toString("latin1", 0, end === -1 ? content.length : end)
    .split("\n");
  const [, tree] = /^tree ([0-9a-f]+)$/.exec(first) ?? [];
  const committer = others.find((line) => line.startsWith("committer ")) ?? "";
  const [, seconds] = /^ (-?\d+)(?: |$)/.exec(committer.slice(committer.lastIndexOf(">") + 1)) ?? [];
  const committedAt = new Date(Number(seconds) * 1000);
  return tree === undefined || Number.isNaN(committedAt.getTime()) ? undefined : { tree, committedAt };
}
