import { expect, test } from "@jest/globals";
import { cutToWidth, rowsOfText, textWidth } from "./text-width.js";

test.each([
  ["abc", 3],
  ["漢字", 4],
  ["e\u0301", 1],
  ["👩‍🚀!", 3],
  ["", 0],
])("%j is %d columns wide", (text, width) => {
  expect(textWidth(text)).toBe(width);
});

test.each([
  ["abcdef", 6, "abcdef"],
  ["abcdef", 5, "abcd…"],
  ["漢字漢字", 8, "漢字漢字"],
  ["漢字漢字", 7, "漢字漢…"],
  ["漢字漢字", 6, "漢字…"],
  ["ne\u0301e", 2, "n…"],
  ["ab", 1, "…"],
  ["ab", 0, ""],
  ["", 0, ""],
])("cut %j to %d columns gives %j", (text, columns, cut) => {
  expect(cutToWidth(text, columns)).toBe(cut);
});

test.each([
  ["", 10, 1],
  ["abcdefghij", 10, 1],
  ["abcdefghijk", 10, 2],
  ["漢字漢字漢", 5, 3],
  ["a漢字", 4, 2],
])("%j in %d columns takes %d rows", (text, columns, rows) => {
  expect(rowsOfText(text, columns)).toBe(rows);
});
