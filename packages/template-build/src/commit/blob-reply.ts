import type { Awaitable } from "../context/coroutine.js";
import type { CommitBlob } from "./commit-listing.js";

/** The content of a requested blob, which arrives later. */
export class BlobReply {
  #content: Buffer | undefined;
  #failure: unknown;
  #settle: { resolve: (content: Buffer) => void; reject: (error: unknown) => void } | undefined;

  constructor(readonly blob: CommitBlob) {}

  /** Call it once. */
  content(): Awaitable<Buffer> {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#content !== undefined) return this.#content;
    return new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
  }

  receive(content: Buffer): void {
    this.#content = content;
    this.#settle?.resolve(content);
  }

  fail(error: unknown): void {
    this.#failure = error;
    this.#settle?.reject(error);
  }
}
