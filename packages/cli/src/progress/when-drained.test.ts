import { Writable } from "node:stream";
import { expect, test } from "@jest/globals";
import { parseRuntimeName, type ProgressEvent } from "@molecule/core";
import { jsonDisplay } from "./json-display.js";
import { plainDisplay } from "./plain-display.js";

/** A stream whose reader takes a chunk only on demand. */
function slowStream(): { stream: Writable; text: () => string; read: () => void } {
  let text = "";
  let finishWrite: ((error?: Error | null) => void) | undefined;
  const stream = new Writable({
    highWaterMark: 100,
    write: (chunk: Buffer, _encoding, done) => {
      text += chunk.toString();
      finishWrite = done;
    },
  });
  stream.on("error", () => undefined);
  return { stream, text: () => text, read: () => finishWrite?.() };
}

const about = { runtime: parseRuntimeName("hermes"), step: "build", id: 1 } as const;
const line: ProgressEvent = { ...about, type: "output", line: "x".repeat(100) };
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test.each([
  ["plain", plainDisplay],
  ["json", jsonDisplay],
])("%s holds back output only while its stream is full", async (_kind, open) => {
  const { stream, text, read } = slowStream();
  const { listener } = open(stream);
  const held = listener(line);
  expect(held).toBeInstanceOf(Promise);
  expect(listener(line)).toBe(held);
  await turn();
  let isReleased = false;
  void (held as Promise<void>).then(() => (isReleased = true));
  await turn();
  expect(isReleased).toBe(false);
  for (let piece = 0; piece < 2; piece += 1) {
    read();
    await turn();
  }
  expect(isReleased).toBe(true);
  expect(text().trimEnd().split("\n")).toHaveLength(2);
});

test("a stream without a reader holds back nothing", async () => {
  const { stream } = slowStream();
  const { listener } = plainDisplay(stream);
  const held = listener(line);
  stream.destroy(new Error("write EPIPE"));
  await held;
  expect(listener(line)).toBeUndefined();
});

test("json skips amounts for a slow reader", async () => {
  const { stream, text } = slowStream();
  const { listener } = jsonDisplay(stream);
  listener({ ...about, type: "amount", done: 1, total: 9, unit: "bytes" });
  listener(line);
  listener({ ...about, type: "amount", done: 2, total: 9, unit: "bytes" });
  stream.uncork();
  await turn();
  expect(text()).toContain('"done":1');
  expect(stream.writableLength).toBeLessThan(700);
});
