import { readFile } from "node:fs/promises";
import { expect, test } from "@jest/globals";
import { version } from "./version.js";

test("the version of the tracer is that of the package", async () => {
  const manifest = await readFile(new URL("../package.json", import.meta.url), "utf8");
  expect(JSON.parse(manifest)).toMatchObject({ version });
});
