import type { CommitObjects } from "../checkout/commit-objects.js";
import type { GitProcess } from "../checkout/git-process.js";
import { BlobReply } from "./blob-reply.js";
import type { CommitBlob } from "./commit-listing.js";

export const closed = (): Error => new TypeError("the commit is closed");

/** A header is `<hash> blob <size>`. */
const maxHeaderBytes = 128;
const newline = 10;

/**
 * Reads small blobs with one `git cat-file --batch`, in the order of the requests. git sends everything that it is asked
 * for, so the caller limits the requests.
 */
export class BlobBatch {
  readonly #waiting: BlobReply[] = [];
  /** Not sent yet. */
  #requests = "";
  /** Received bytes that do not end a header yet. */
  #header: Buffer = Buffer.alloc(0);
  /** The content being received, and the newline after it. */
  #content: { readonly bytes: Buffer; at: number } | undefined;
  #starting: Promise<void> | undefined;
  #git: GitProcess | undefined;
  #failure: unknown;

  constructor(private readonly objects: CommitObjects) {}

  /** Adds a request, which {@link send} sends. */
  request(blob: CommitBlob): BlobReply {
    const reply = new BlobReply(blob);
    if (this.#failure !== undefined) reply.fail(this.#failure);
    else {
      this.#waiting.push(reply);
      this.#requests += `${blob.id}\n`;
    }
    return reply;
  }

  send(): void {
    this.#starting ??= this.#start();
    if (this.#git === undefined || this.#requests === "") return;
    this.#git.stdin.write(this.#requests);
    this.#requests = "";
  }

  /** Ends git. Every reply that has not arrived fails. Never rejects. */
  async close(): Promise<void> {
    this.#fail(closed());
    await this.#starting;
    this.#git?.end();
    await this.#git?.ended.catch(() => undefined);
  }

  async #start(): Promise<void> {
    try {
      const git = await this.objects.start(["cat-file", "--batch"]);
      this.#git = git;
      git.stdout.on("data", (chunk: Buffer) => {
        try {
          this.#receive(chunk);
        } catch (error) {
          this.#fail(error);
          git.end();
        }
      });
      git.ended.then(
        () => {
          this.#fail(this.objects.damaged("git ended early"));
        },
        (error: unknown) => {
          this.#fail(error);
        },
      );
      this.send();
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    this.#failure ??= error;
    for (const reply of this.#waiting.splice(0)) reply.fail(this.#failure);
  }

  #receive(chunk: Buffer): void {
    for (let at = 0; at < chunk.length && this.#failure === undefined;) {
      if (this.#content === undefined) at = this.#receiveHeader(chunk, at);
      else {
        const { bytes } = this.#content;
        const copied = chunk.copy(bytes, this.#content.at, at);
        at += copied;
        this.#content.at += copied;
        if (this.#content.at < bytes.length) continue;
        this.#content = undefined;
        this.#waiting.shift()?.receive(bytes.subarray(0, -1));
      }
    }
  }

  /** Returns where the header, or the chunk, ends. */
  #receiveHeader(chunk: Buffer, at: number): number {
    const end = chunk.indexOf(newline, at);
    const part = chunk.subarray(at, end === -1 ? chunk.length : end);
    const header = this.#header.length === 0 ? part : Buffer.concat([this.#header, part]);
    const text = header.toString("latin1", 0, maxHeaderBytes);
    if (end === -1 && header.length <= maxHeaderBytes) {
      this.#header = header;
      return chunk.length;
    }
    this.#header = Buffer.alloc(0);
    const blob = this.#waiting[0]?.blob;
    if (blob === undefined || text !== `${blob.id} blob ${String(blob.size)}`)
      throw this.objects.damaged(`git returned ${JSON.stringify(text)}`);
    this.#content = { bytes: Buffer.allocUnsafe(blob.size + 1), at: 0 };
    return end + 1;
  }
}
