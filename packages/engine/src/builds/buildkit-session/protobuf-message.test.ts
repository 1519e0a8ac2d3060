import { expect, test } from "@jest/globals";
import { protobufFields } from "./protobuf-fields.js";
import { protobufMessage } from "./protobuf-message.js";

/** Reads the varint after the key. */
function readVarint(message: Uint8Array): bigint {
  return message
    .subarray(1)
    .reduce((value, byte, index) => value + (BigInt(byte & 0x7f) << BigInt(7 * index)), 0n);
}

test.each([
  0n,
  0x7fn,
  0x80n,
  2n ** 35n - 1n,
  2n ** 35n,
  2n ** 53n - 1n,
  2n ** 53n,
  2n ** 53n + 1n,
  1_795_986_518_000_000_001n,
  2n ** 63n - 1n,
])("encodes %s exactly", (value) => {
  const message = protobufMessage([[1, value]]);
  expect(readVarint(message)).toBe(value);
  expect(message.subarray(1, -1).every((byte) => byte >= 0x80)).toBe(true);
  expect(message.at(-1)).toBeLessThan(0x80);
  if (value <= Number.MAX_SAFE_INTEGER) expect(protobufMessage([[1, Number(value)]])).toEqual(message);
});

test("encodes text as UTF-8, and bytes as they are", () => {
  const text = "ä€😀".repeat(50);
  const fields = Array.from(
    protobufFields(
      protobufMessage([
        [1, text],
        [20, new Uint8Array(300)],
        [3, 5],
      ]),
    ),
  );
  expect(fields.map(({ number, amount, bytes }) => [number, amount, Buffer.from(bytes).toString()])).toEqual([
    [1, 0, text],
    [20, 0, "\0".repeat(300)],
    [3, 5, ""],
  ]);
});
