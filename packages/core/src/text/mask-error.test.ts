import { inspect } from "node:util";
import { expect, test } from "@jest/globals";
import { ImageSourceError } from "../errors/errors.js";
import { maskError } from "./mask-error.js";
import { createMask } from "./mask.js";

const secret = "65f1bf27bc3bf70f64657658635e66094edbcb4d";
const mask = createMask([secret]);
const base64 = Buffer.from(`x-access-token:${secret}`).toString("base64");

function outputOf(output: string): string | null {
  return maskError(new ImageSourceError({ code: "BUILD_FAILED", message: "m", hint: "h", output }), mask)
    .output;
}

test("output keeps its lines, with control characters escaped", () => {
  expect(outputOf(`one\r\n\ntwo ${secret}\u001b[2J`)).toBe("one\n\ntwo ***\\u001b[2J");
});

test("unbounded output is cut to its last lines, and a secret at the cut is hidden", () => {
  const lines = Array.from({ length: 1000 }, (_, index) => `${String(index)} ${"x".repeat(370)} ${secret}`);
  const shown = outputOf(lines.join("\n")) ?? "";
  expect(shown.split("\n")).toHaveLength(40);
  expect(shown).toMatch(/\n999 x+ \*\*\*$/);
  expect(Buffer.byteLength(outputOf("x".repeat(100_000_000)) ?? "")).toBeLessThan(17_000);
});

test("a secret that is split over output lines is hidden", () => {
  const wrapped = base64.replaceAll(/.{30}/g, "$&\n");

  const shown = outputOf(`before\nAuthorization: Basic ${wrapped}\nafter`) ?? "";

  expect(shown).toMatch(/^before\nAuthorization: Basic .*\*\*\*.{0,4}\nafter$/s);
  for (let at = 0; at + 8 <= secret.length; at += 1) {
    const part = Buffer.from(shown.replaceAll("\n", "").replace(/^.*Basic /, ""), "base64").toString();
    expect(part).not.toContain(secret.slice(at, at + 8));
  }
});

test("a secret that is cut at the end of a line or of the output is hidden", () => {
  const start = secret.slice(0, 25);
  expect(outputOf(`a ${start}…\nb`)).toBe("a ***…\nb");
  expect(outputOf(`a ${start}\nb`)).toBe("a ***\nb");
  expect(outputOf(`a\nb ${start}`)).toBe("a\nb ***");
});

test("hints and facts for the caller are kept", () => {
  const error = new ImageSourceError({
    code: "SOURCE_UNREACHABLE",
    message: "m",
    hint: "h",
    again: true,
    transient: { afterMs: 60_000 },
  });
  expect(maskError(error, mask)).toMatchObject({ again: true, transient: { afterMs: 60_000 } });
});

test("only strings remain of a cause's properties, and they are masked", () => {
  const cause = Object.assign(new Error(`failed: ${secret}`, { cause: `token ${secret}` }), {
    request: { headers: { authorization: secret } },
    json: { message: secret },
    code: "ECONNRESET",
  });
  const error = new ImageSourceError({ code: "INTERNAL", message: `m ${secret}\nn`, hint: secret, cause });

  const masked = maskError(error, mask);

  expect(inspect(masked, { depth: null, showHidden: true })).not.toContain(secret);
  expect(masked).toMatchObject({ code: "INTERNAL", message: "m *** n", hint: "***" });
  expect(masked.cause).toMatchObject({ message: "failed: ***", code: "ECONNRESET", cause: "token ***" });
});

test("no string of an error contains control characters; message and hint are one line each", () => {
  const evil = "a\u001b]0;owned\u0007\u009b\u202e\nforged: line";
  const cause = new Error(evil, { cause: new Error(evil) });
  const error = new ImageSourceError({ code: "INTERNAL", message: evil, hint: evil, output: evil, cause });

  const masked = maskError(error, mask);

  expect([masked.message, masked.hint]).toEqual([
    "a\\u001b]0;owned\\u0007\\u009b\\u202e forged: line",
    "a\\u001b]0;owned\\u0007\\u009b\\u202e forged: line",
  ]);
  const inner = masked.cause as Error;
  for (const text of [
    masked.stack,
    masked.output,
    inner.message,
    inner.stack,
    (inner.cause as Error).message,
  ])
    // eslint-disable-next-line no-control-regex -- these must not appear
    expect(text).not.toMatch(/[\u0007\u001b\u009b\u202e]/);
});
