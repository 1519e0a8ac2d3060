import type { CommitObjects } from "../checkout/commit-objects.js";
import type { GitProcess } from "../checkout/git-process.js";
import { objectHash, type ObjectHeader } from "./object-hash.js";
import { ObjectReply } from "./object-reply.js";

export const closed = (): Error => new TypeError("the commit is closed");

/** A header is `<hash> <type> <size>`. */
const header = /^([0-9a-f]+) ([a-z]+) (\d+)$/;
const maxHeaderBytes = 128;
/** Above the size of a small blob, and of any tree whose listing is accepted. */
const maxObjectBytes = 16 * 1024 * 1024;
const newline = 10;

/**
 * Reads small objects with one `git cat-file --batch`, in the order of the requests. git does not check what it reads,
 * so every object is compared with its hash. git sends everything that it is asked for, so the caller limits the
 * requests.
 */
export class ObjectBatch {
  readonly #waiting: ObjectReply[] = [];
  /** Not sent yet. */
  #requests = "";
  /** Received bytes that do not end a header yet. */
  #header: Buffer = Buffer.alloc(0);
  /** The object being received: its content, and the newline after it. */
  #receiving: { readonly header: ObjectHeader; readonly bytes: Buffer; at: number } | undefined;
  #starting: Promise<void> | undefined;
  #git: GitProcess | undefined;
  #failure: unknown;

  constructor(private readonly objects: CommitObjects) {}

  /** Adds a request, which {@link send} sends. */
  request(id: string): ObjectReply {
    const reply = new ObjectReply(id);
    if (this.#failure !== undefined) reply.fail(this.#failure);
    else {
      this.#waiting.push(reply);
      this.#requests += `${id}\n`;
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
      if (this.#receiving === undefined) at = this.#receiveHeader(chunk, at);
      else {
        const { bytes } = this.#receiving;
        const copied = chunk.copy(bytes, this.#receiving.at, at);
        at += copied;
        this.#receiving.at += copied;
        if (this.#receiving.at < bytes.length) continue;
        this.#receiveObject(this.#receiving.header, bytes.subarray(0, -1));
        this.#receiving = undefined;
      }
    }
  }

  /** Returns where the header, or the chunk, ends. */
  #receiveHeader(chunk: Buffer, at: number): number {
    const end = chunk.indexOf(newline, at);
    const part = chunk.subarray(at, end === -1 ? chunk.length : end);
    const received = this.#header.length === 0 ? part : Buffer.concat([this.#header, part]);
    const text = received.toString("latin1", 0, maxHeaderBytes);
    if (end === -1 && received.length <= maxHeaderBytes) {
      this.#header = received;
      return chunk.length;
    }
    this.#header = Buffer.alloc(0);
    const [, id = "", type = "", digits] = header.exec(text) ?? [];
    const size = Number(digits);
    if (id === "" || id !== this.#waiting[0]?.id || size > maxObjectBytes)
      throw this.objects.damaged(`git returned ${JSON.stringify(text)}`);
    this.#receiving = { header: { id, type, size }, bytes: Buffer.allocUnsafe(size + 1), at: 0 };
    return end + 1;
  }

  #receiveObject(header: ObjectHeader, content: Buffer): void {
    if (objectHash(header).update(content).digest("hex") !== header.id)
      throw this.objects.damaged(`${header.type} ${header.id} has another hash`);
    this.#waiting.shift()?.receive({ type: header.type, content });
  }
}
