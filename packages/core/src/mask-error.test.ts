import { inspect } from "node:util";
import { expect, test } from "@jest/globals";
import { ImageSourceError } from "./errors.js";
import { maskError } from "./mask-error.js";
import { createMask } from "./mask.js";

const secret = "65f1bf27bc3bf70f64657658635e66094edbcb4d";
const mask = createMask([secret]);
const base64 = Buffer.from(`x-access-token:${secret}`).toString("base64");

function outputOf(output: string): string | null {
  return maskError(new ImageSourceError({ code: "BUILD_FAILED", message: "m", hint: "h", output }), mask)
    .output;
}

test("output keeps its lines, and control characters in it are escaped", () => {
  expect(outputOf(`one\r\n\ntwo ${secret}\u001b[2J`)).toBe("one\n\ntwo ***\\u001b[2J");
});

test("a secret that output breaks into lines is hidden", () => {
  const wrapped = base64.replaceAll(/.{30}/g, "$&\n");

  const shown = outputOf(`before\nAuthorization: Basic ${wrapped}\nafter`) ?? "";

  expect(shown).toMatch(/^before\nAuthorization: Basic .*\*\*\*.{0,4}\nafter$/s);
  for (let at = 0; at + 8 <= secret.length; at += 1) {
    const part = Buffer.from(shown.replaceAll("\n", "").replace(/^.*Basic /, ""), "base64").toString();
    expect(part).not.toContain(secret.slice(at, at + 8));
  }
});

test("a secret that was cut at the end of a line, or of everything, is hidden", () => {
  const begun = secret.slice(0, 25);
  expect(outputOf(`a ${begun}…\nb`)).toBe("a ***…\nb");
  expect(outputOf(`a ${begun}\nb`)).toBe("a ***\nb");
  expect(outputOf(`a\nb ${begun}`)).toBe("a\nb ***");
});

test("what a caller may do about it stays", () => {
  const error = new ImageSourceError({
    code: "SOURCE_UNREACHABLE",
    message: "m",
    hint: "h",
    again: true,
    transient: { afterMs: 60_000 },
  });
  expect(maskError(error, mask)).toMatchObject({ again: true, transient: { afterMs: 60_000 } });
});

test("nothing of what hangs on a cause is left but texts, and those are masked", () => {
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
