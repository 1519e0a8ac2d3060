import { createHash, type Hash } from "node:crypto";
import type { CommitBlob } from "./commit-listing.js";

/** Returns the hash whose digest, in hex, is the blob's ID once it is updated with the whole content. */
export function blobHash({ id, size }: CommitBlob): Hash {
  return createHash(id.length === 64 ? "sha256" : "sha1").update(`blob ${String(size)}\0`);
}
