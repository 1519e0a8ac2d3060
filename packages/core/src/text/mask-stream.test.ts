import { describe, expect, test } from "@jest/globals";
import { maskStream } from "./mask-stream.js";
import { createMask } from "./mask.js";

const secret = "tok-en/with+odd=signs&more";

function masked(pieces: readonly string[], secrets: readonly string[] = [secret]): readonly string[] {
  const stream = maskStream(createMask(secrets));
  return [...pieces.flatMap((piece) => stream.take(piece)), ...stream.end()];
}

describe("chunks", () => {
  test("without a secret stay unchanged", () => {
    const pieces = ["one", "", "tok", "tok-", "tok-e", "two tok-en/with+odd", "three"];
    expect(masked(pieces)).toEqual(["one", "", "tok", "tok-", "tok-e", "two ***", "three"]);
  });

  test("pass immediately unless they may end inside a secret", () => {
    const stream = maskStream(createMask([secret]));
    expect(stream.take("a token")).toEqual(["a token"]);
    expect(stream.take("a tok-en")).toEqual([]);
    expect(stream.take("next")).toEqual(["a tok-en", "next"]);
    expect(stream.end()).toEqual([]);
  });

  test.each([
    ["as it is", secret],
    ["URL-encoded", encodeURIComponent(secret)],
    ["in base64", Buffer.from(secret).toString("base64").replaceAll("=", "").slice(0, -1)],
  ])("that split a secret %s, in two or three, show nothing of it", (_form, text) => {
    for (let first = 4; first < text.length - 1; first += 1) {
      for (let second = first + 1; second < text.length; second += 1) {
        const three = [`a ${text.slice(0, first)}`, text.slice(first, second), `${text.slice(second)} b`];
        expect(masked(three).join("|")).toBe("a *** b");
      }
      expect(masked([`a ${text.slice(0, first)}`, `${text.slice(first)} b`])).toEqual(["a *** b"]);
    }
  });

  test("that split it near its beginning show at most that beginning", () => {
    expect(masked(["a t", "ok-en/with+odd=signs&more b"])).toEqual(["a t", "*** b"]);
    expect(masked(["a tok", "-en/with+odd=signs&more b"])).toEqual(["a tok", "*** b"]);
    expect(masked(["t", "o", "k", "-en/with+odd=signs&more b"])).toEqual(["t", "o", "k", "*** b"]);
  });

  test("that are exactly a short secret are hidden", () => {
    expect(masked(["hunter2", "a hunter2", "hunter2"], ["hunter2"])).toEqual(["***", "a hunter2", "***"]);
  });

  test.each([4096, 8192, 100_000])(
    "of %i characters that are cut inside a secret show nothing of it",
    (length) => {
      for (let at = 4; at < secret.length; at += 1) {
        const long = "x".repeat(length - at) + secret + "y".repeat(length);
        const shown = masked(
          Array.from({ length: Math.ceil(long.length / length) }, (_, index) =>
            long.slice(index * length, (index + 1) * length),
          ),
        );
        expect(shown.join("")).toBe(`${"x".repeat(length - at)}***${"y".repeat(length)}`);
      }
    },
  );

  test("with a repeating secret do not wait forever", () => {
    const stream = maskStream(createMask(["abcdabcdabcdabcd"]));
    let shown = 0;
    for (let index = 0; index < 20_000; index += 1) shown += stream.take("abcd").join("").length;
    expect(shown).toBeGreaterThan(0);
  });
});
