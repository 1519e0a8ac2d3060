import { createHash, type Hash } from "node:crypto";

/** The header of an object of git, which its hash covers. */
export interface ObjectHeader {
  /** The hash, in hex. */
  readonly id: string;
  readonly type: string;
  /** Bytes of the content. */
  readonly size: number;
}

/** Returns the hash whose digest, in hex, is the object's ID once it is updated with the whole content. */
export function objectHash({ id, type, size }: ObjectHeader): Hash {
  return createHash(id.length === 64 ? "sha256" : "sha1").update(`${type} ${String(size)}\0`);
}
