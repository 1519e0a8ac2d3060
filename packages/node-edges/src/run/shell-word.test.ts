import { expect, test } from "@jest/globals";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { shellWord } from "./shell-word.js";

test("quotes only if necessary", () => {
  expect(shellWord("/home/me/p-1/.moleculerc.yaml")).toBe("/home/me/p-1/.moleculerc.yaml");
});

test.each([
  "/a b",
  "/it's",
  "/$(id)`id`",
  "/a\nb",
  "/\u001b[2J",
  "/\u202egnp",
  "/tab\t'\\x",
  "/ü",
  "/*",
  "/~",
  '/;|&<>"',
])("a shell reads %j as that one word", async (text) => {
  const word = shellWord(text);
  expect(word).not.toMatch(/\p{C}/u);
  const env = { LC_ALL: "C.UTF-8" };
  const { stdout } = await promisify(execFile)("/bin/bash", ["-c", `printf '%s|' ${word}`], { env });
  expect(stdout).toBe(`${text}|`);
});
