import { constants, type Stats } from "node:fs";
import { open } from "node:fs/promises";

export interface ReadOptions {
  readonly maxBytes: number;
  /** Default: links are followed. */
  readonly refuseLink?: true;
  /** Throws if the file must not be read. It receives the stats of the open file. */
  readonly check?: (found: Stats) => void;
}

/**
 * Reads a regular file. Never blocks on a pipe or a device. Rejects with the file system's error, with the error of
 * `check`, or with an `Error` that describes the problem.
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
    // Reading one byte beyond the limit (`end` is inclusive) detects a file that is too long, even while it grows.
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
