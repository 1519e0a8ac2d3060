import { expect, test } from "@jest/globals";
import { declaredArguments } from "./declared-arguments.js";

test.each([
  ["ARG A", ["A"]],
  ["arg A=1\nFROM x\nArg B", ["A", "B"]],
  ["FROM x\nARG A B=1 C=\"x y\" D='z'", ["A", "B", "C", "D"]],
  ["FROM x\nARG A=1 \\\n# a comment\n\n  B", ["A", "B"]],
  ["# escape=`\nFROM x\nARG A=1 `\n B", ["A", "B"]],
  ["FROM x AS one\nFROM y\n\tARG\tA", ["A"]],
  ['ARG "A"', ["A"]],
  ["\uFEFFARG A\r\nFROM x\r\n", ["A"]],
  ["FROM x\n# ARG A\nENV B=1\nRUN ARG C\nONBUILD ARG D", []],
  ["FROM x\nRUN <<EOF\nARG A\nEOF\nARG B", ["B"]],
  ["FROM x\nRUN echo \\\nARG A", []],
])("%j declares the arguments %j", (text, names) => {
  expect([...declaredArguments(text)]).toEqual(names);
});
