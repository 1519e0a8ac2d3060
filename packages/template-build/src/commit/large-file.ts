import type { Hash } from "node:crypto";
import type { GitProcess } from "../checkout/git-process.js";
import type { TreeFile } from "../context/file-tree.js";
import type { CommitBlob } from "./commit-listing.js";
import { objectHash } from "./object-hash.js";

const noBytes = Buffer.alloc(0);

export interface LargeFileParts {
  /** Starts the git that writes the content to its standard output. */
  readonly start: () => Promise<GitProcess>;
  readonly damaged: (why: string) => Error;
}

/** A file of a commit that a git of its own reads, as fast as its caller wants. */
export class LargeFile implements TreeFile {
  readonly size: number;
  readonly mode: number;
  readonly stamp: string;
  readonly #hash: Hash;
  #left: number;
  #git: Promise<GitProcess> | undefined;
  #chunks: AsyncIterator<Buffer, undefined> | undefined;
  #chunk: Buffer = noBytes;
  #isRead = false;

  constructor(
    blob: CommitBlob,
    private readonly parts: LargeFileParts,
  ) {
    ({ size: this.size, mode: this.mode, id: this.stamp } = blob);
    this.#hash = objectHash({ id: blob.id, type: "blob", size: blob.size });
    this.#left = blob.size;
  }

  get isRead(): boolean {
    return this.#isRead;
  }

  async read(into: Buffer, at: number): Promise<number> {
    if (this.#chunk.length === 0) this.#chunk = await this.#next();
    const bytes = this.#chunk.copy(into, at);
    this.#hash.update(this.#chunk.subarray(0, bytes));
    this.#chunk = this.#chunk.subarray(bytes);
    this.#left -= bytes;
    if (this.#left > 0) {
      if (bytes === 0) throw this.#damaged("is cut off");
      return bytes;
    }
    if (this.#chunk.length > 0 || (await this.#next()).length > 0) throw this.#damaged("is too long");
    if (this.#hash.digest("hex") !== this.stamp) throw this.#damaged("has another hash");
    this.#isRead = true;
    return bytes;
  }

  close(): void {
    this.#git?.then(
      (git) => {
        git.end();
        // Its process is gone only once its output is.
        git.stdout.destroy();
      },
      () => undefined,
    );
  }

  /** Returns no bytes at the end. Rejects if git fails. */
  async #next(): Promise<Buffer> {
    const git = await (this.#git ??= this.parts.start());
    this.#chunks ??= (git.stdout as AsyncIterable<Buffer, undefined>)[Symbol.asyncIterator]();
    const next: IteratorResult<Buffer, undefined> = await this.#chunks.next();
    if (next.done !== true) return next.value;
    await git.ended;
    return noBytes;
  }

  #damaged(why: string): Error {
    return this.parts.damaged(`the content of ${this.stamp} ${why}`);
  }
}
