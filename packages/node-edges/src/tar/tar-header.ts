/*
 * The headers of a tar archive in the pax format (POSIX.1-2001, pax "Interchange Format"). Only headers are needed here.
 * A packing library would buffer them without bound, because it counts only contents against its limit.
 */

/** An entry of a tar archive. */
export interface TarHeader {
  readonly type: "file" | "directory" | "link";
  readonly name: string;
  /** Permission bits. */
  readonly mode: number;
  /** Bytes of content that follow. */
  readonly size: number;
  readonly modifiedAt: Date;
  /** The target of a link, otherwise empty. */
  readonly target: string;
  /** The numeric owner. Default: 0, root. */
  readonly uid?: number | undefined;
  /** The numeric group. Default: 0, root. */
  readonly gid?: number | undefined;
}

/** An archive consists of blocks of this size. */
export const tarBlockBytes = 512;
/** Ends an archive. */
export const tarEnd = Buffer.alloc(2 * tarBlockBytes);

const typeFlags = { file: 0x30, link: 0x32, directory: 0x35, extended: 0x78 } as const;
const maxNameBytes = 100;
const maxOctal = 8 ** 11 - 1;
const maxId = 8 ** 7 - 1;

/** Returns the blocks before the content of an entry. */
export function tarHeader({
  type,
  name,
  mode,
  size,
  modifiedAt,
  target,
  uid = 0,
  gid = 0,
}: TarHeader): Buffer {
  const mtime = Math.min(Math.max(Math.trunc(modifiedAt.getTime() / 1000), 0), maxOctal);
  const own = block(typeFlags[type], { name, mode, size: Math.min(size, maxOctal), mtime, target, uid, gid });
  if (fits(name) && fits(target) && size <= maxOctal && uid <= maxId && gid <= maxId) return own;
  const records = Buffer.concat([
    ...(fits(name) ? [] : [record("path", name)]),
    ...(fits(target) ? [] : [record("linkpath", target)]),
    ...(size <= maxOctal ? [] : [record("size", String(size))]),
    ...(uid <= maxId ? [] : [record("uid", String(uid))]),
    ...(gid <= maxId ? [] : [record("gid", String(gid))]),
  ]);
  const extended = {
    name: "PaxHeader",
    mode: 0o644,
    size: records.length,
    mtime,
    target: "",
    uid: 0,
    gid: 0,
  };
  const padding = Buffer.alloc(-records.length & (tarBlockBytes - 1));
  return Buffer.concat([block(typeFlags.extended, extended), records, padding, own]);
}

function fits(text: string): boolean {
  const bytes = Buffer.byteLength(text);
  return bytes <= maxNameBytes && bytes === text.length;
}

/** Formats `<length> <key>=<value>\n`, where the length includes itself. */
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
  readonly uid: number;
  readonly gid: number;
}

/** The fields that all blocks share: owned by root, no device, and spaces in place of the checksum. */
const blank = Buffer.alloc(tarBlockBytes);
for (const at of [108, 116, 329, 337]) putOctal(blank, 0, at, 7);
blank.fill(" ", 148, 156);
const behindTarget = 257;
blank.write("ustar\0" + "00", behindTarget, "latin1");
const sumBehindTarget = blank.subarray(behindTarget).reduce((sum, byte) => sum + byte, 0);

function block(typeFlag: number, { name, mode, size, mtime, target, uid, gid }: BlockFields): Buffer {
  const bytes = Buffer.allocUnsafe(tarBlockBytes);
  bytes.set(blank);
  // Truncates a long name; its pax record has all of it.
  putText(bytes, name, 0);
  putOctal(bytes, mode, 100, 7);
  if (uid > 0) putOctal(bytes, Math.min(uid, maxId), 108, 7);
  if (gid > 0) putOctal(bytes, Math.min(gid, maxId), 116, 7);
  putOctal(bytes, size, 124, 11);
  putOctal(bytes, mtime, 136, 11);
  bytes[156] = typeFlag;
  putText(bytes, target, 157);
  let sum = sumBehindTarget;
  for (let at = 0; at < behindTarget; at += 1) sum += bytes[at] ?? 0;
  putOctal(bytes, sum, 148, 6);
  bytes[154] = 0;
  return bytes;
}

/** Writes ASCII itself, because that is faster than `Buffer.write`. */
function putText(bytes: Buffer, text: string, at: number): void {
  if (text.length > maxNameBytes) {
    bytes.write(text, at, maxNameBytes);
    return;
  }
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code > 0x7f) {
      bytes.write(text, at, maxNameBytes);
      return;
    }
    bytes[at + index] = code;
  }
}

function putOctal(bytes: Buffer, value: number, at: number, digits: number): void {
  let left = value;
  for (let place = at + digits - 1; place >= at; place -= 1) {
    bytes[place] = 0x30 + (left % 8);
    left = Math.floor(left / 8);
  }
}
