import { constants, type Stats } from "node:fs";
import { open } from "node:fs/promises";

export interface ReadOptions {
  readonly maxBytes: number;
  /** Default: links are followed. */
  readonly refuseLink?: true;
  /** Throws for a file that may not be read; what it is shown is what is then read. */
  readonly check?: (found: Stats) => void;
}

/**
 * The bytes of a regular file. Never waits for a pipe or a device. Rejects with the file system's error, with that of
 * `check`, or with an `Error` whose message says what is wrong with the file.
 */
export async function readRegularFile(file: string, options: ReadOptions): Promise<Buffer> {
  const { maxBytes, refuseLink, check } = options;
  // Opening a named pipe would wait for a writer.
  const flags = constants.O_RDONLY | constants.O_NONBLOCK;
  const handle = await open(file, refuseLink === true ? flags | constants.O_NOFOLLOW : flags);
  try {
    const found = await handle.stat();
    if (!found.isFile()) throw new Error("is not a regular file");
    check?.(found);
    const chunks: Buffer[] = [];
    let length = 0;
    // One byte more than allowed (`end` is inclusive) shows a file that is too long, also while it grows.
    for await (const chunk of handle.createReadStream({ start: 0, end: maxBytes, autoClose: false })) {
      chunks.push(chunk as Buffer);
      length += (chunk as Buffer).length;
    }
    if (length > maxBytes) throw new Error(`is longer than ${String(maxBytes)} bytes`);
    return Buffer.concat(chunks);
  } finally {
    await handle.close();
  }
}
