import { expect, test } from "@jest/globals";
import { canaries, leaksIn } from "./canaries.js";

test.each([
  ["as it is", (secret: string) => secret],
  ["URL-encoded", encodeURIComponent],
  ["URL-encoded in lower case", (secret: string) => encodeURIComponent(secret).toLowerCase()],
  ["in base64", (secret: string) => Buffer.from(secret).toString("base64")],
  ["in base64 after one byte", (secret: string) => Buffer.from(`x${secret}yz`).toString("base64")],
  ["in base64 after two bytes", (secret: string) => Buffer.from(`xx${secret}y`).toString("base64")],
  ["in base64url after a user", (secret: string) => Buffer.from(`user:${secret}`).toString("base64url")],
])("the search finds a secret %s", (_form, encode) => {
  for (const secret of canaries) {
    expect(leaksIn([["text", `before ${encode(secret)} after`]])).toHaveLength(1);
    expect(leaksIn([["bytes", Buffer.from(`\0${encode(secret)}\0`)]])).toHaveLength(1);
  }
  expect(leaksIn([["text", `before ${encode("something else of that kind")} after`]])).toEqual([]);
});

test("a search of nothing fails", () => {
  expect(() => leaksIn([])).toThrow("nothing to search");
});
