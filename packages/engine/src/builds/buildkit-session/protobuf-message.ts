export type ProtobufValue = string | Uint8Array | number;

/**
 * Encodes a protobuf message with these fields, in order. A number (a non-negative integer) becomes a varint; text and
 * bytes become length-delimited fields.
 */
export function protobufMessage(
  fields: readonly (readonly [number: number, value: ProtobufValue])[],
): Buffer {
  const parts: Uint8Array[] = [];
  for (const [number, value] of fields) {
    if (typeof value === "number") parts.push(varint(number * 8), varint(value));
    else {
      const bytes = typeof value === "string" ? Buffer.from(value) : value;
      parts.push(varint(number * 8 + 2), varint(bytes.length), bytes);
    }
  }
  return Buffer.concat(parts);
}

/** Most varints are one byte long. */
const short = Array.from({ length: 0x80 }, (_, value) => Uint8Array.of(value));

function varint(value: number): Uint8Array {
  const known = short[value];
  if (known !== undefined) return known;
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 0x80);
  return Uint8Array.of(...bytes, rest);
}
