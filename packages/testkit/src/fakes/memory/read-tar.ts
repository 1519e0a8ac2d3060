import type { Readable } from "node:stream";

const block = 512;

/** Returns the regular files of a tar stream by path. Names have at most 100 bytes. */
export async function readTar(archive: Readable): Promise<ReadonlyMap<string, Buffer>> {
  const chunks: Buffer[] = [];
  for await (const chunk of archive) chunks.push(Buffer.from(chunk as Uint8Array));
  const bytes = Buffer.concat(chunks);
  const files = new Map<string, Buffer>();
  for (let at = 0; at + block <= bytes.length;) {
    const name = field(bytes, at, 100);
    if (name === "") break;
    const size = Number.parseInt(field(bytes, at + 124, 12), 8) || 0;
    const start = at + block;
    if (["0", ""].includes(field(bytes, at + 156, 1))) files.set(name, bytes.subarray(start, start + size));
    at = start + Math.ceil(size / block) * block;
  }
  return files;
}

function field(bytes: Buffer, at: number, length: number): string {
  return (
    bytes
      .toString("utf8", at, at + length)
      .split("\0", 1)[0]
      ?.trim() ?? ""
  );
}
