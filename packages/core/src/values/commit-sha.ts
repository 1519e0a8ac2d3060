import { ImageSourceError } from "../errors/errors.js";

declare const brand: unique symbol;

/** A full commit hash: 40 (SHA-1) or 64 (SHA-256) lower-case hex digits, not all zeros. */
export type CommitSha = string & { readonly [brand]: "CommitSha" };

const grammar = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

/** Returns the hash or throws `SOURCE_MALFORMED`. Nothing is trimmed, shortened or lower-cased. */
export function parseCommitSha(text: string): CommitSha {
  if (typeof text === "string" && grammar.test(text) && !/^0+$/.test(text)) return text as CommitSha;
  const shown = typeof text === "string" ? JSON.stringify(text.slice(0, 80)) : typeof text;
  throw new ImageSourceError({
    code: "SOURCE_MALFORMED",
    message: `${shown} is not a commit hash of 40 or 64 lower-case hex digits`,
    hint: "Check that the server is Gitea and that no proxy rewrites its responses.",
  });
}

/** Returns the first 12 digits, as in tags and directory names. */
export function shortSha(sha: CommitSha): string {
  return sha.slice(0, 12);
}
