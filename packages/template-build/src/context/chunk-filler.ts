import { tarBlockBytes } from "@molecule/node-edges";

/** A multiple of the block size. With larger chunks, more memory waits for the garbage collector. */
const chunkBytes = 256 * tarBlockBytes;
const none: readonly Buffer[] = [];

/** Concatenates the parts of an archive, and emits them in chunks of equal length. */
export class ChunkFiller {
  #full: Buffer[] = [];
  // Not pooled, because the caller owns it; not cleared, because every emitted byte has been written.
  #chunk = Buffer.allocUnsafeSlow(chunkBytes);
  #at = 0;

  /** The current chunk, which has room from `at` on. */
  get chunk(): Buffer {
    return this.#chunk;
  }

  get at(): number {
    return this.#at;
  }

  /** Records that the caller has written this many bytes into `chunk`, from `at` on. */
  filled(bytes: number): void {
    this.#at += bytes;
    if (this.#at < chunkBytes) return;
    this.#full.push(this.#chunk);
    this.#chunk = Buffer.allocUnsafeSlow(chunkBytes);
    this.#at = 0;
  }

  /** Copies the bytes. */
  add(bytes: Buffer): void {
    for (let from = 0; from < bytes.length;) {
      const copied = bytes.copy(this.#chunk, this.#at, from);
      from += copied;
      this.filled(copied);
    }
  }

  /** Fills the last block with zeros. */
  fillBlock(): void {
    const missing = -this.#at & (tarBlockBytes - 1);
    this.#chunk.fill(0, this.#at, this.#at + missing);
    this.filled(missing);
  }

  /** Returns the chunks filled since the last call. The caller owns them. */
  takeFull(): readonly Buffer[] {
    if (this.#full.length === 0) return none;
    const full = this.#full;
    this.#full = [];
    return full;
  }

  /** Returns the rest, after all full chunks. */
  rest(): Buffer {
    return this.#chunk.subarray(0, this.#at);
  }
}
