import { describe, expect, test } from "@jest/globals";
import { escapeControls } from "./escape-controls.js";

describe("makes terminal control sequences visible", () => {
  test.each([
    ["\u001b[2J", "\\u001b[2J"],
    ["\u001b]52;c;cHdu\u0007", "\\u001b]52;c;cHdu\\u0007"],
    ["\u009b31m", "\\u009b31m"],
    ["\u0000\u0008\u000b\u000c", "\\u0000\\u0008\\u000b\\u000c"],
    ["\u007f\u0080\u009f", "\\u007f\\u0080\\u009f"],
    ["50%\r100%", "50%\\u000d100%"],
    ["a\r\rb", "a\\u000d\\u000db"],
    ["\u202egnp.exe", "\\u202egnp.exe"],
    ["\u2066a\u2069\u200e\u200f\u061c", "\\u2066a\\u2069\\u200e\\u200f\\u061c"],
  ])("%j", (text, shown) => {
    expect(escapeControls(text)).toBe(shown);
  });

  test("leaves no control character in any input", () => {
    const every = String.fromCharCode(...Array.from({ length: 0x3000 }, (_, code) => code));
    // Cc: C0, DEL, C1. The others are Unicode's Bidi_Control.
    const unescaped = escapeControls(every).match(/[\p{Cc}\p{Bidi_Control}]/gu);
    expect(unescaped).toEqual(["\t", "\n"]);
  });
});

describe("keeps ordinary text", () => {
  test.each(["", "plain", "tab\tand\nline", "größer 日本語 🐳", "a\u00a0b", "\\u001b", "שלום"])(
    "%j",
    (text) => {
      expect(escapeControls(text)).toBe(text);
    },
  );

  test("turns a Windows line ending into a newline", () => {
    expect(escapeControls("one\r\ntwo\r\n")).toBe("one\ntwo\n");
  });
});
