import { describe, expect, test } from "@jest/globals";
import { createMask } from "./mask.js";

const token = "65f1bf27bc3bf70f64657658635e66094edbcb4d";
/** Every character that some encoder escapes. */
const awkward = `p@ss/w:rd+1 "q\\u\n%é$*(x)|[y]{2}^?.-`;

const base64 = (text: string): string => Buffer.from(text).toString("base64");

describe("a secret is hidden", () => {
  test("verbatim, in any position, any number of times", () => {
    expect(createMask([token]).text(`${token} a${token}b\n${token}`)).toBe("*** a***b\n***");
  });

  test("as the whole text", () => {
    expect(createMask([token]).text(token)).toBe("***");
  });

  test.each([
    ["of a query", encodeURIComponent(awkward)],
    ["of a query, in lower case", encodeURIComponent(awkward).replaceAll(/%../g, (hex) => hex.toLowerCase())],
    ["of a form", new URLSearchParams([["", awkward]]).toString().slice(1)],
    ["of a URL's user part", Object.assign(new URL("http://h"), { password: awkward }).password],
    ["of a path", encodeURI(awkward)],
    [
      "of every character but letters and digits",
      awkward.replaceAll(/[^A-Za-z0-9é]/g, (c) => `%${c.charCodeAt(0).toString(16).padStart(2, "0")}`),
    ],
  ])("in the encoding %s", (_, encoded) => {
    expect(createMask([awkward]).text(`http://u:${encoded}@h/`)).toBe("http://u:***@h/");
  });

  test("in JSON", () => {
    const shown = createMask([awkward]).text(JSON.stringify({ token: awkward, other: 1 }));
    expect(JSON.parse(shown)).toEqual({ token: "***", other: 1 });
  });

  test.each(["", "u", "us", "usr", "x-access-token:", "x-oauth-basic:", "gitea:"])(
    "in base64, after %j",
    (before) => {
      for (const secret of [token, awkward, "a?>~ÿþ?>"]) {
        for (const after of ["", ":", "::", ":x-oauth-basic"]) {
          const sent = base64(`${before}${secret}${after}`);
          for (const form of [
            sent,
            sent.replaceAll("+", "-").replaceAll("/", "_"),
            sent.replaceAll("=", ""),
          ]) {
            const shown = createMask([secret]).text(`Authorization: Basic ${form}\n`);
            expect(shown).toContain("***");
            // What remains is the surrounding text and at most one digit of the secret at either end.
            const left = shown.slice("Authorization: Basic ".length).trimEnd().replace("***", "").length;
            expect(left).toBeLessThanOrEqual(base64(before).length + base64(after).length + 4);
          }
        }
      }
    },
  );

  test("containing characters that are special in a regular expression", () => {
    const mask = createMask(["a.c+e*g?(i)|[k]", "^........$", "\\d\\d\\d\\d"]);
    expect(mask.text("a.c+e*g?(i)|[k] ^........$ \\d\\d\\d\\d")).toBe("*** *** ***");
    expect(mask.text("abcceeeeg 12345678 1111")).toBe("abcceeeeg 12345678 1111");
  });

  test("that is not well-formed Unicode", () => {
    expect(createMask(["\ud800abcdefgh"]).text("x \ud800abcdefgh y")).toBe("x *** y");
  });

  test("once it is added", () => {
    const mask = createMask();
    expect(mask.text(`a ${token}`)).toBe(`a ${token}`);
    mask.add(token);
    mask.add("another-secret");
    expect(mask.text(`a ${token} another-secret`)).toBe("a *** ***");
  });
});

describe("overlapping secrets are hidden completely", () => {
  test("one a prefix of the other", () => {
    for (const secrets of [
      ["secret-1", "secret-1-and-more"],
      ["secret-1-and-more", "secret-1"],
    ]) {
      expect(createMask(secrets).text("x secret-1-and-more y secret-1 z")).toBe("x *** y *** z");
    }
  });

  test("one a suffix of the other, or inside it", () => {
    expect(
      createMask(["in-the-middle", "it-is-in-the-middle-of", "middle-of"]).text("x it-is-in-the-middle-of y"),
    ).toBe("x *** y");
  });

  test("each with a part of its own", () => {
    expect(createMask(["abcdefgh-1234", "1234-ijklmnop"]).text("x abcdefgh-1234-ijklmnop y")).toBe("x *** y");
  });

  test("one after the other", () => {
    expect(createMask(["abcdefgh", "ijklmnop"]).text("abcdefghijklmnop.")).not.toMatch(/[a-z]/);
  });
});

describe("a short secret", () => {
  test("is hidden as a whole value", () => {
    expect(createMask(["hunter2"]).text("hunter2")).toBe("***");
  });

  test("is not hidden inside a word", () => {
    expect(createMask(["main", "e"]).text("the main branch, remainder")).toBe("the main branch, remainder");
  });

  test("has at most seven characters", () => {
    expect(createMask(["1234567"]).text("a 1234567 b")).toBe("a 1234567 b");
    expect(createMask(["12345678"]).text("a 12345678 b")).toBe("a *** b");
  });
});

describe("ordinary text is kept", () => {
  test.each(["", "plain text", "***", "65f1bf27bc3bf70f"])("%j", (text) => {
    expect(createMask([token]).text(text)).toBe(text);
    expect(createMask().text(text)).toBe(text);
    expect(createMask([""]).text(text)).toBe(text);
  });
});
