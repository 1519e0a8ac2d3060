import type { CommitObjects } from "../checkout/commit-objects.js";
import type { GitProcess } from "../checkout/git-process.js";
import { isPromise, type Awaitable } from "../context/coroutine.js";
import type { TreeFile } from "../context/file-tree.js";
import type { CommitBlob } from "./commit-listing.js";
import { LargeFile } from "./large-file.js";
import { closed, type ObjectBatch } from "./object-batch.js";
import type { ReadObject } from "./object-reply.js";
import { maxSmallBytes, ReadAhead } from "./read-ahead.js";
import { SmallFile } from "./small-file.js";

/**
 * Reads the blobs of a commit. One git serves all small ones, and each large one has a git of its own, so that a reader that
 * pauses in a large one stops no other.
 */
export class CommitBlobs {
  readonly #ahead: ReadAhead;
  /** The gits of large blobs, from their start to their end. */
  readonly #running = new Set<Promise<GitProcess>>();
  #isClosed = false;

  constructor(
    private readonly objects: CommitObjects,
    private readonly batch: ObjectBatch,
    blobs: readonly CommitBlob[],
  ) {
    this.#ahead = new ReadAhead(blobs, batch);
  }

  /** Returns the content of a blob of at most {@link maxSmallBytes}. */
  read(blob: CommitBlob): Awaitable<Buffer> {
    const object = this.#ahead.read(blob);
    return isPromise(object)
      ? object.then((read) => this.#contentOf(blob, read))
      : this.#contentOf(blob, object);
  }

  open(blob: CommitBlob): TreeFile {
    return blob.size <= maxSmallBytes
      ? new SmallFile(blob, () => this.read(blob))
      : new LargeFile(blob, {
          start: () => this.#start(["cat-file", "blob", blob.id]),
          damaged: (why) => this.objects.damaged(why),
        });
  }

  /** Ends every git, that of the batch included. Never rejects. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.allSettled([this.batch.close(), ...[...this.#running].map(endOnceStarted)]);
  }

  async #start(args: readonly string[]): Promise<GitProcess> {
    if (this.#isClosed) throw closed();
    const starting = this.objects.start(args);
    this.#running.add(starting);
    const forget = (): void => void this.#running.delete(starting);
    starting.then(({ ended }) => ended).then(forget, forget);
    return starting;
  }

  #contentOf({ id, size }: CommitBlob, { type, content }: ReadObject): Buffer {
    if (type === "blob" && content.length === size) return content;
    throw this.objects.damaged(`${id} is a ${type} of ${String(content.length)} bytes`);
  }
}

async function endOnceStarted(starting: Promise<GitProcess>): Promise<void> {
  const git = await starting;
  git.end();
  // Its process is gone only once its output is.
  git.stdout.destroy(closed());
  await git.ended;
}
