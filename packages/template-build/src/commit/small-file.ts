import { isPromise, type Awaitable } from "../context/coroutine.js";
import type { TreeFile } from "../context/file-tree.js";
import type { CommitBlob } from "./commit-listing.js";

/** A file of a commit whose content is read as a whole. */
export class SmallFile implements TreeFile {
  readonly size: number;
  readonly mode: number;
  readonly stamp: string;
  #content: Buffer | undefined;
  #at = 0;

  constructor(
    blob: CommitBlob,
    private readonly readBlob: () => Awaitable<Buffer>,
  ) {
    ({ size: this.size, mode: this.mode, id: this.stamp } = blob);
  }

  get isRead(): boolean {
    return this.#content !== undefined && this.#at === this.size;
  }

  read(into: Buffer, at: number): Awaitable<number> {
    const content = this.#content ?? this.readBlob();
    return isPromise(content)
      ? content.then((bytes) => this.#copied(bytes, into, at))
      : this.#copied(content, into, at);
  }

  close(): void {
    this.#content = undefined;
  }

  #copied(content: Buffer, into: Buffer, at: number): number {
    this.#content = content;
    const bytes = content.copy(into, at, this.#at);
    this.#at += bytes;
    return bytes;
  }
}
