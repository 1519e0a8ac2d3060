import { blockBytes } from "./tar-header.js";

/** Whole blocks. Larger ones, of large files, wait in greater numbers for the garbage collector. */
const chunkBytes = 256 * blockBytes;
const none: readonly Buffer[] = [];

/** Concatenates the parts of an archive, and emits them in chunks of equal length. */
export class ChunkFiller {
  #full: Buffer[] = [];
  // Not of a pool, and not cleared: each byte that is given out has been written.
  #chunk = Buffer.allocUnsafeSlow(chunkBytes);
  #at = 0;

  /** Where the next bytes go: there is room from `at` on. */
  get chunk(): Buffer {
    return this.#chunk;
  }

  get at(): number {
    return this.#at;
  }

  /** That many bytes from `at` on hold what they should. */
  filled(bytes: number): void {
    this.#at += bytes;
    if (this.#at < chunkBytes) return;
    this.#full.push(this.#chunk);
    this.#chunk = Buffer.allocUnsafeSlow(chunkBytes);
    this.#at = 0;
  }

  /** Puts a copy of them there. */
  add(bytes: Buffer): void {
    for (let from = 0; from < bytes.length;) {
      const copied = bytes.copy(this.#chunk, this.#at, from);
      from += copied;
      this.filled(copied);
    }
  }

  /** Fills the last block with zeros. */
  fillBlock(): void {
    const missing = -this.#at & (blockBytes - 1);
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
