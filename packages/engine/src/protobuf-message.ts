export type ProtobufValue = string | Uint8Array | number;

/**
 * A protobuf message of these fields, in their order. A number (0 or more, whole) becomes a varint, text and bytes are
 * length-delimited.
 */
export function protobufMessage(
  fields: readonly (readonly [number: number, value: ProtobufValue])[],
): Buffer {
  return Buffer.concat(
    fields.map(([number, value]) => {
      if (typeof value === "number") return Buffer.concat([varint(number * 8), varint(value)]);
      const bytes = Buffer.from(value);
      return Buffer.concat([varint(number * 8 + 2), varint(bytes.length), bytes]);
    }),
  );
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 0x80);
  return Buffer.from([...bytes, rest]);
}
