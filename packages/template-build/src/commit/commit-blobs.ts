import type { CommitObjects } from "../checkout/commit-objects.js";
import type { GitProcess } from "../checkout/git-process.js";
import { isPromise, type Awaitable } from "../context/coroutine.js";
import type { TreeFile } from "../context/file-tree.js";
import { BlobBatch, closed } from "./blob-batch.js";
import { blobHash } from "./blob-hash.js";
import type { CommitBlob } from "./commit-listing.js";
import { LargeFile } from "./large-file.js";
import { maxSmallBytes, ReadAhead } from "./read-ahead.js";
import { SmallFile } from "./small-file.js";

/**
 * Reads the blobs of a commit. One git serves all small ones, and each large one has a git of its own, so that a reader that
 * pauses in a large one stops no other. git does not check what it reads, so every content is compared with its hash.
 */
export class CommitBlobs {
  readonly #batch: BlobBatch;
  readonly #ahead: ReadAhead;
  /** The gits of large blobs, from their start to their end. */
  readonly #running = new Set<Promise<GitProcess>>();
  #isClosed = false;

  constructor(
    private readonly objects: CommitObjects,
    blobs: readonly CommitBlob[],
  ) {
    this.#batch = new BlobBatch(objects);
    this.#ahead = new ReadAhead(blobs, this.#batch);
  }

  /** Returns the content of a blob of at most {@link maxSmallBytes}. */
  read(blob: CommitBlob): Awaitable<Buffer> {
    const content = this.#ahead.read(blob);
    return isPromise(content)
      ? content.then((bytes) => this.#checked(blob, bytes))
      : this.#checked(blob, content);
  }

  open(blob: CommitBlob): TreeFile {
    return blob.size <= maxSmallBytes
      ? new SmallFile(blob, () => this.read(blob))
      : new LargeFile(blob, {
          start: () => this.#start(["cat-file", "blob", blob.id]),
          damaged: (why) => this.objects.damaged(why),
        });
  }

  /** Ends every git. Never rejects. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.allSettled([this.#batch.close(), ...[...this.#running].map(endOnceStarted)]);
  }

  async #start(args: readonly string[]): Promise<GitProcess> {
    if (this.#isClosed) throw closed();
    const starting = this.objects.start(args);
    this.#running.add(starting);
    const forget = (): void => void this.#running.delete(starting);
    starting.then(({ ended }) => ended).then(forget, forget);
    return starting;
  }

  #checked(blob: CommitBlob, content: Buffer): Buffer {
    if (blobHash(blob).update(content).digest("hex") === blob.id) return content;
    throw this.objects.damaged(`the content of ${blob.id} has another hash`);
  }
}

async function endOnceStarted(starting: Promise<GitProcess>): Promise<void> {
  const git = await starting;
  git.end();
  // Its process is gone only once its output is.
  git.stdout.destroy(closed());
  await git.ended;
}
