import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { findJsonFault } from "./json-fault.js";
import { parseJson } from "./parse-json.js";

test.each([
  ["", "line 1, column 1: the file is empty"],
  [" \n", "line 2, column 1: the file is empty"],
  ['{\n  "a": 1,\n}\n', "line 2, column 9: trailing comma"],
  ["[1, 2,]", "line 1, column 6: trailing comma"],
  ['{ "a": }', "line 1, column 8: a value is missing"],
  ['{\r\n  // why\r\n  "a": 1\r\n}', "line 2, column 3: JSON has no comments"],
  ['{ "a": 1 /* why */ }', "line 1, column 10: JSON has no comments"],
  ["# why\n{}", "line 1, column 1: JSON has no comments"],
  ['{ "a": 1\n  "b": 2 }', "line 2, column 3: a comma or } is missing"],
  ["[1 2]", "line 1, column 4: a comma or ] is missing"],
  ["{ a: 1 }", "line 1, column 3: a key must be in double quotes"],
  ["{ 'a': 1 }", "line 1, column 3: a key must be in double quotes"],
  ["[ 'a' ]", "line 1, column 3: text must be in double quotes"],
  ["[ yes ]", "line 1, column 3: a value is missing, or text without double quotes"],
  ["[ 01 ]", "line 1, column 3: a value is missing, or text without double quotes"],
  ['{ "a" 1 }', "line 1, column 7: a colon is missing after the key"],
  ['{ "a": 1', "line 1, column 9: the file ends too early: } is missing"],
  ['{ "a": [', "line 1, column 9: the file ends too early: ] is missing"],
  ['{ "a": "b\n }', "line 1, column 8: a text is not closed"],
  ['{ "a": "\\x" }', "line 1, column 8: a wrong escape or a control character in a text"],
  ["{} {}", "line 1, column 4: more text after the end of the JSON value"],
  ["\u0000\u0001", "line 1, column 1: a value is missing, or text without double quotes"],
  ["[".repeat(100_000), "line 1, column 100001: the file ends too early: ] is missing"],
])("%j", (text, message) => {
  expect(() => parseJson(text)).toThrow(message);
});

test("never quotes a value", () => {
  for (const text of ['{"auth": "hunter22" "x"}', '{"auth": hunter22}', '{"auth": "hunter22']) {
    expect(() => parseJson(text)).not.toThrow("hunter22");
  }
});

test("reports a duplicate key if requested, within one map only", () => {
  const text = '{ "a": { "b": 1 }, "c": { "b": 1,\n "b": 2 } }';
  expect(parseJson(text)).toEqual({ a: { b: 1 }, c: { b: 2 } });
  expect(() => parseJson(text, { uniqueKeys: true })).toThrow('line 2, column 2: the key "b" appears twice');
  expect(parseJson('{ "a": { "b": 1 }, "b": [{ "b": 1 }] }', { uniqueKeys: true })).toBeDefined();
});

test("rejects exactly what JSON.parse rejects", () => {
  const accepts = (text: string): boolean => {
    try {
      JSON.parse(text);
      return true;
    } catch {
      return false;
    }
  };
  const parts = [
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    '"a"',
    '"',
    "1",
    "-",
    "0.5e1",
    "true",
    "nul",
    " ",
    "\n",
    "\\",
    "'",
  ];
  const broken = fc.array(fc.constantFrom(...parts), { maxLength: 12 }).map((all) => all.join(""));
  fc.assert(
    fc.property(fc.oneof(broken, fc.json(), fc.string()), (text) => {
      expect(findJsonFault(text, {}) === undefined).toBe(accepts(text));
    }),
    { numRuns: 2000 },
  );
});
