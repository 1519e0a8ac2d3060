import { expect, test } from "@jest/globals";
import { parseCommitSha, shortSha } from "./commit-sha.js";

const sha1 = "65f1bf27bc3bf70f64657658635e66094edbcb4d";

test.each([sha1, "a".repeat(64), `${"0".repeat(39)}1`])("%s is a commit hash", (text) => {
  expect(parseCommitSha(text)).toBe(text);
});

test.each([
  "",
  sha1.slice(0, 12),
  sha1.slice(1),
  `${sha1}0`,
  "a".repeat(63),
  "a".repeat(65),
  sha1.toUpperCase(),
  `${sha1}\n`,
  ` ${sha1}`,
  `${sha1.slice(1)}g`,
  "0".repeat(40),
  "0".repeat(64),
  "--upload-pack=touch /tmp/pwn",
  "../../../../etc/cron.d/x0000000000000000",
  "refs/heads/main",
])("rejects %j with SOURCE_MALFORMED", (text) => {
  expect(() => parseCommitSha(text)).toThrow(expect.objectContaining({ code: "SOURCE_MALFORMED" }));
});

test.each<unknown>([undefined, null, 5, {}, [sha1], true])(
  "rejects the non-string %p with SOURCE_MALFORMED",
  (value) => {
    expect(() => parseCommitSha(value as string)).toThrow(
      expect.objectContaining({ code: "SOURCE_MALFORMED" }),
    );
  },
);

test("the error is one short line, whatever the server sent", () => {
  const message = (() => {
    try {
      return parseCommitSha("x\n".repeat(100_000));
    } catch (error) {
      return (error as Error).message;
    }
  })();
  expect(message).not.toContain("\n");
  expect(message.length).toBeLessThan(300);
});

test("the short form is the first twelve digits", () => {
  expect(shortSha(parseCommitSha(sha1))).toBe("65f1bf27bc3b");
});
