/*
 * The headers of a tar archive in the pax format (POSIX.1-2001, pax "Interchange Format"). Only headers are needed
 * here, one after the other as they are read; a packing library would buffer them without bound, because it counts
 * only contents against its buffer.
 */

export interface TarHeader {
  readonly type: "file" | "directory" | "link";
  readonly name: string;
  /** Permission bits. */
  readonly mode: number;
  /** Bytes of content that follow. */
  readonly size: number;
  readonly modifiedAt: Date;
  /** What a link points to, else empty. */
  readonly target: string;
}

export const blockBytes = 512;
/** Ends an archive. */
export const tarEnd = Buffer.alloc(2 * blockBytes);

const typeFlags = { file: "0", link: "2", directory: "5", extended: "x" } as const;
const maxNameBytes = 100;
const maxOctal = 8 ** 11 - 1;

/** The blocks before the content of an entry, owned by root. */
export function tarHeader({ type, name, mode, size, modifiedAt, target }: TarHeader): Buffer {
  const records = Buffer.concat([
    ...(fits(name) ? [] : [record("path", name)]),
    ...(fits(target) ? [] : [record("linkpath", target)]),
    ...(size <= maxOctal ? [] : [record("size", String(size))]),
  ]);
  const mtime = Math.min(Math.max(Math.trunc(modifiedAt.getTime() / 1000), 0), maxOctal);
  const own = block(typeFlags[type], { name, mode, size: Math.min(size, maxOctal), mtime, target });
  if (records.length === 0) return own;
  const extended = { name: "PaxHeader", mode: 0o644, size: records.length, mtime, target: "" };
  return Buffer.concat([block(typeFlags.extended, extended), records, tarPadding(records.length), own]);
}

/** Fills the last block of a content. */
export function tarPadding(size: number): Buffer {
  return Buffer.alloc((blockBytes - (size % blockBytes)) % blockBytes);
}

function fits(text: string): boolean {
  const bytes = Buffer.byteLength(text);
  return bytes <= maxNameBytes && bytes === text.length;
}

/** `<length> <key>=<value>\n`, where the length counts itself. */
function record(key: string, value: string): Buffer {
  const rest = Buffer.from(` ${key}=${value}\n`);
  let length = rest.length;
  while (length !== rest.length + String(length).length) length = rest.length + String(length).length;
  return Buffer.concat([Buffer.from(String(length)), rest]);
}

interface BlockFields {
  readonly name: string;
  readonly mode: number;
  readonly size: number;
  readonly mtime: number;
  readonly target: string;
}

function block(typeFlag: string, { name, mode, size, mtime, target }: BlockFields): Buffer {
  const bytes = Buffer.alloc(blockBytes);
  const octal = (value: number, offset: number, digits: number): number =>
    bytes.write(value.toString(8).padStart(digits, "0"), offset, "latin1");
  // A name that is too long is cut here; its record says it in full.
  bytes.write(name, 0, maxNameBytes);
  octal(mode, 100, 7);
  octal(0, 108, 7);
  octal(0, 116, 7);
  octal(size, 124, 11);
  octal(mtime, 136, 11);
  bytes.fill(" ", 148, 156);
  bytes.write(typeFlag, 156);
  bytes.write(target, 157, maxNameBytes);
  bytes.write("ustar\0" + "00", 257, "latin1");
  octal(0, 329, 7);
  octal(0, 337, 7);
  octal(
    bytes.reduce((sum, byte) => sum + byte, 0),
    148,
    6,
  );
  bytes[154] = 0;
  return bytes;
}
