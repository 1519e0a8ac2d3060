import { createHash } from "node:crypto";

const lengths: Readonly<Record<string, number>> = { sha256: 64, sha384: 96, sha512: 128 };

/** Returns whether the text is a digest in lower case, of a known algorithm. */
export function isDigest(text: string): boolean {
  const [, algorithm = "", hex = ""] = /^(sha\d{3}):([0-9a-f]+)$/.exec(text) ?? [];
  return Object.hasOwn(lengths, algorithm) && hex.length === lengths[algorithm];
}

/** Returns the digest of a content. @param like a digest with the algorithm to use. Default: sha256 */
export function digestOf(content: string, like = "sha256:"): string {
  const [algorithm = ""] = like.split(":");
  return `${algorithm}:${createHash(algorithm).update(content).digest("hex")}`;
}
