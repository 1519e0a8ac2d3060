import { expect, test } from "@jest/globals";
import { RequestReader } from "./request-reader.js";

const get = "GET /a HTTP/1.1\r\nHost: x\r\n\r\n";
const sized = "POST /b HTTP/1.1\r\ncontent-LENGTH:  5\r\n\r\nGET /";
const chunked =
  "PUT /c HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nGET /\r\n0a\r\n\r\n\r\n\r\n\r\n\r\n\r\n0\r\nTrailer: t\r\n\r\n";
const upgraded = `POST /d HTTP/1.1\r\nUpgrade: h2c\r\n\r\n${get}${get}`;

test("requests begin at the same places wherever the chunks break", () => {
  const bytes = Buffer.from(`${get}${sized}${chunked}${get}${upgraded}`);
  for (const step of [1, 2, 3, 7, 64, bytes.length]) {
    const reader = new RequestReader();
    const begun: string[] = [];
    const passed: Buffer[] = [];
    for (let at = 0; at < bytes.length; at += step) {
      for (const { bytes: part, begins } of reader.read(bytes.subarray(at, at + step))) {
        if (begins !== undefined)
          begun.push(begins === "unknown" ? begins : `${begins.method} ${begins.path}`);
        passed.push(part);
      }
    }
    expect(begun).toEqual(["GET /a", "POST /b", "PUT /c", "GET /a", "POST /d"]);
    expect(Buffer.concat(passed).equals(bytes)).toBe(true);
  }
});

test("bytes that are not a request are one exchange, and an incomplete head is not lost", () => {
  const reader = new RequestReader();
  expect(reader.read(Buffer.from("PRI * HTTP/2.0\r\n\r\nSM"))).toMatchObject([{ begins: "unknown" }]);
  expect(reader.read(Buffer.from(get))).toEqual([{ bytes: Buffer.from(get) }]);
  const cut = new RequestReader();
  expect(cut.read(Buffer.from("GET /a HT"))).toEqual([]);
  expect(cut.end().toString()).toBe("GET /a HT");
});
