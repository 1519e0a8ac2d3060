/** One field of a protobuf message: its number and its value on the wire. */
export interface ProtobufField {
  readonly number: number;
  /** The value of a varint; 0 for other wire types. */
  readonly amount: number;
  /** The bytes of a length-delimited field (text, bytes, a message); empty for other wire types. */
  readonly bytes: Uint8Array;
}

const empty = new Uint8Array(0);

/**
 * Reads the fields of a protobuf message in wire order (protobuf.dev/programming-guides/encoding). Throws `RangeError`
 * if the bytes are not a valid message.
 */
export function* protobufFields(message: Uint8Array): Generator<ProtobufField> {
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = message[at++];
      if (byte === undefined || scale > 2 ** 63) throw new RangeError("a varint is incomplete");
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  };
  const take = (length: number): Uint8Array => {
    if (length > message.length - at) throw new RangeError("a field is longer than its message");
    at += length;
    return message.subarray(at - length, at);
  };
  while (at < message.length) {
    const key = varint();
    const number = Math.floor(key / 8);
    const type = key % 8;
    if (type === 0) yield { number, amount: varint(), bytes: empty };
    else if (type === 1) yield { number, amount: 0, bytes: take(8).subarray(8) };
    else if (type === 2) yield { number, amount: 0, bytes: take(varint()) };
    else if (type === 5) yield { number, amount: 0, bytes: take(4).subarray(4) };
    else throw new RangeError(`unknown wire type ${String(type)}`);
  }
}
