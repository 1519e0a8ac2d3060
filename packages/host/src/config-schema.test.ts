import { expect, test } from "@jest/globals";
import { readFile } from "node:fs/promises";
import { configJsonSchema } from "./config-schema.js";

test("the published JSON Schema is the one that the files are checked with", async () => {
  const published: unknown = JSON.parse(
    await readFile(new URL("../schema/moleculerc.schema.json", import.meta.url), "utf8"),
  );
  expect(published).toEqual(JSON.parse(JSON.stringify(configJsonSchema())));
});
