import { describe, expect, test } from "@jest/globals";
import { silentReport } from "@molecule/core";
import { readMessages, takeMessages } from "./message-stream.js";

async function read(...chunks: (string | Uint8Array)[]): Promise<unknown[]> {
  const source = (async function* () {
    for (const chunk of chunks) yield Buffer.from(chunk);
  })();
  const seen: unknown[] = [];
  for await (const message of readMessages(source, "unix:///e")) seen.push(message);
  return seen;
}

describe("the messages of a stream", () => {
  test("are whole wherever the chunks break, even inside a character", async () => {
    const bytes = Buffer.from('{"stream":"hällo 🎈"}\r\n\r\n{"a":1}');
    const expected = [{ stream: "hällo 🎈" }, { a: 1 }];
    for (let at = 0; at <= bytes.length; at += 1) {
      expect(await read(bytes.subarray(0, at), bytes.subarray(at))).toEqual(expected);
    }
    expect(await read(...[...bytes].map((byte) => Uint8Array.of(byte)))).toEqual(expected);
  });

  test("are empty for an empty response", async () => {
    expect(await read()).toEqual([]);
  });

  test.each([
    ["an error line", '{"status":"a"}\r\n{"errorDetail":{"code":3,"message":"boom"},"error":"boom"}\r\n', 3],
    ["an error without its line end", '{"status":"a"}\r\n{"error":"boom"}', 0],
    ["an error detail alone", '{"errorDetail":{"code":1,"message":"boom"}}\r\n', 1],
    ["an error after success", '{"stream":"Successfully tagged x\\n"}\n{"error":"boom"}\n', 0],
  ])("end with %s", async (_what, text, code) => {
    await expect(read(text)).rejects.toMatchObject({ name: "StreamFailure", text: "boom", code });
  });

  test("end with an error without a text", async () => {
    await expect(read('{"error":"","errorDetail":{}}\n')).rejects.toMatchObject({ name: "StreamFailure" });
    expect(await read('{"error":null}\n')).toEqual([{ error: null }]);
  });

  test("that are not JSON are an error", async () => {
    await expect(read("not json\r\n")).rejects.toMatchObject({ code: "ENGINE_UNAVAILABLE" });
    await expect(read('{"status":"a"}\n{"stat')).rejects.toMatchObject({ code: "ENGINE_UNAVAILABLE" });
  });

  test("fail on an endless line before it fills the memory", async () => {
    let given = 0;
    const endless = (async function* () {
      for (;;) {
        given += 65_536;
        yield Buffer.alloc(65_536, "x");
      }
    })();
    const reading = readMessages(endless, "unix:///e").next();
    await expect(reading).rejects.toMatchObject({ code: "ENGINE_UNAVAILABLE" });
    expect(given).toBeLessThan(5 * 1024 * 1024);
  });
});

test("reads no further message until the listeners have caught up", async () => {
  let given = 0;
  const source = (async function* () {
    for (; given < 5; given += 1) yield Buffer.from(`{"stream":"${String(given)}"}\n`);
  })();
  const received: unknown[] = [];
  const lead: number[] = [];
  const drained = async (): Promise<void> => {
    await new Promise((resolve) => setImmediate(resolve));
    lead.push(given - received.length);
  };
  await takeMessages(source, "unix:///e", { ...silentReport, drained }, ({ stream }) =>
    received.push(stream),
  );
  expect(received).toEqual(["0", "1", "2", "3", "4"]);
  expect(Math.max(...lead)).toBeLessThanOrEqual(0);
});
