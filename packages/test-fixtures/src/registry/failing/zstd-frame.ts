const maxBlock = 128 * 1024;

/** Returns the content as an uncompressed zstd frame (RFC 8878), because Node 20 has no zstd. */
export function zstdFrame(content: Buffer): Buffer {
  const magic = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);
  // No checksum and no size; a window of 2 MiB.
  const header = Buffer.from([0x00, 0x58]);
  const blocks: Buffer[] = [];
  for (let at = 0; at < content.length; at += maxBlock) {
    const block = content.subarray(at, at + maxBlock);
    const isLast = at + maxBlock >= content.length;
    const size = Buffer.alloc(3);
    size.writeUIntLE((block.length << 3) | (isLast ? 1 : 0), 0, 3);
    blocks.push(size, block);
  }
  return Buffer.concat([magic, header, ...blocks]);
}
