export type ProtobufValue = string | Uint8Array | number | bigint;

/**
 * Encodes a protobuf message with these fields, in order. A number (a non-negative integer) becomes a varint; text and
 * bytes become length-delimited fields.
 */
export function protobufMessage(
  fields: readonly (readonly [number: number, value: ProtobufValue])[],
): Buffer {
  // An upper bound: a number, and the key and length of other fields, take at most 20 bytes.
  const room = fields.reduce((bytes, [, value]) => bytes + maxVarints + maxBytesOf(value), 0);
  const message = Buffer.allocUnsafe(room);
  let at = 0;
  for (const [number, value] of fields) {
    if (typeof value === "number" || typeof value === "bigint") {
      at = writeVarint(message, at, number * 8);
      at = writeVarint(message, at, value);
      continue;
    }
    at = writeVarint(message, at, number * 8 + 2);
    at = writeVarint(message, at, typeof value === "string" ? Buffer.byteLength(value) : value.length);
    if (typeof value === "string") at += message.write(value, at);
    else {
      message.set(value, at);
      at += value.length;
    }
  }
  return message.subarray(0, at);
}

const maxVarints = 20;

function maxBytesOf(value: ProtobufValue): number {
  // UTF-8 takes at most three bytes for each UTF-16 unit.
  if (typeof value === "string") return value.length * 3;
  return typeof value === "object" ? value.length : 0;
}

/** Returns the position after it. */
function writeVarint(message: Buffer, start: number, value: number | bigint): number {
  let at = start;
  if (typeof value === "bigint") {
    if (value <= Number.MAX_SAFE_INTEGER) return writeVarint(message, at, Number(value));
    // In two numbers, which are much faster than a bigint. The first takes five bytes.
    let low = Number(value & 0x7ffffffffn);
    for (const end = at + 5; at < end; low = Math.floor(low / 128)) message[at++] = (low % 128) + 0x80;
    return writeVarint(message, at, Number(value >> 35n));
  }
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 128)) message[at++] = (rest % 128) + 0x80;
  message[at++] = rest;
  return at;
}
