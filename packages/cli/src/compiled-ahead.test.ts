import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { execFile } from "node:child_process";
import { cp, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { temporaryDirectory } from "@molecule/test-fixtures";
import { version } from "./command-line/version.js";

/*
 * V8's compile cache of the bundle is optional: another Node version may run it, or the file may be missing.
 */

let copy: Awaited<ReturnType<typeof temporaryDirectory>>;
beforeEach(async () => {
  copy = await temporaryDirectory();
  for (const folder of ["bin", "bundle"]) {
    await cp(fileURLToPath(new URL(`../${folder}`, import.meta.url)), join(copy.path, folder), {
      recursive: true,
    });
  }
});
afterEach(() => copy.remove());

const compiled = (): string => join(copy.path, "bundle", "main.cjs.compiled");

/** Returns what the copied command prints as its version, and its stderr. */
async function printed(nodeOptions: readonly string[] = []): Promise<{ stdout: string; stderr: string }> {
  const args = [...nodeOptions, join(copy.path, "bin", "molecule-image"), "--version"];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { env: {} });
  return { stdout, stderr };
}

const expected = { stdout: `${version}\n`, stderr: "" };

test.each([
  ["is missing", () => rm(compiled())],
  ["is something else", () => writeFile(compiled(), "no V8 has written this")],
  ["is cut off", () => truncate(compiled(), 1000)],
])("the command runs if the compile cache %s", async (_how, harm) => {
  await harm();

  expect(await printed()).toEqual(expected);
});

test("the command runs under V8 flags that differ from those it was compiled with", async () => {
  expect(await printed(["--no-opt"])).toEqual(expected);
});
