import type { Awaitable } from "../context/coroutine.js";
import type { CommitBlob } from "./commit-listing.js";
import type { ObjectBatch } from "./object-batch.js";
import type { ObjectReply, ReadObject } from "./object-reply.js";

/** Larger blobs are read by a process of their own. */
export const maxSmallBytes = 256 * 1024;
const maxBlobs = 64;
const maxBytes = 1024 * 1024;
/** A reader skips what is ignored, or large. */
const maxSkipped = 16;

/**
 * Requests small blobs ahead as long as they are read in the order of the commit. Twenty thousand requests, each after the
 * reply to the last, would take four times as long.
 */
export class ReadAhead {
  /** Requested blobs that have not been read yet, by their index. */
  readonly #ahead = new Map<number, ObjectReply>();
  /** The size of these blobs. */
  #bytes = 0;
  #last = -1;
  /** How many blobs to request ahead. */
  #window = 1;

  constructor(
    private readonly blobs: readonly CommitBlob[],
    private readonly batch: ObjectBatch,
  ) {}

  /** Returns a blob of at most {@link maxSmallBytes}. */
  read(blob: CommitBlob): Awaitable<ReadObject> {
    const { index } = blob;
    const requested = this.#take(index);
    const skipped = index - this.#last - 1;
    const isInOrder = requested !== undefined || (skipped >= 0 && skipped <= maxSkipped);
    this.#window = isInOrder ? Math.min(this.#window * 2, maxBlobs) : Math.ceil(this.#window / 4);
    this.#last = index;
    const reply = requested ?? this.batch.request(blob.id);
    if (!isInOrder) this.#dropFarFrom(index);
    if (this.#window > 1) this.#requestAfter(index);
    this.batch.send();
    return reply.object();
  }

  #take(index: number): ObjectReply | undefined {
    const reply = this.#ahead.get(index);
    if (reply === undefined) return undefined;
    this.#ahead.delete(index);
    this.#bytes -= this.blobs[index]?.size ?? 0;
    return reply;
  }

  #dropFarFrom(index: number): void {
    for (const other of [...this.#ahead.keys()]) if (Math.abs(other - index) > maxBlobs) this.#take(other);
  }

  #requestAfter(index: number): void {
    // Half a window at a time, so that one write sends several requests.
    if (this.#ahead.size > this.#window / 2) return;
    for (const blob of this.blobs.slice(index + 1, index + 1 + this.#window)) {
      if (this.#ahead.has(blob.index) || blob.size > maxSmallBytes) continue;
      if (this.#bytes + blob.size > maxBytes) return;
      this.#bytes += blob.size;
      this.#ahead.set(blob.index, this.batch.request(blob.id));
    }
  }
}
