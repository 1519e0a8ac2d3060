import { PassThrough } from "node:stream";
import { expect, test } from "@jest/globals";
import { divertWrites } from "./divert-writes.js";

test("passes whole lines to the listener, and flushes an incomplete line at the end", () => {
  const stream = new PassThrough();
  const diverted: string[] = [];
  const restore = divertWrites(stream, (lines) => diverted.push(lines));
  stream.write("a log li");
  stream.write("ne\nand a");
  stream.write(Buffer.from(" second\nrest"));
  expect(diverted).toEqual(["a log line\n", "and a second\n"]);
  expect(stream.read()).toBeNull();
  restore();
  stream.write("!");
  expect(String(stream.read())).toBe("rest!");
});
