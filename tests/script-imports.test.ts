import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "@jest/globals";
import { read, root } from "./docs/documents.js";

/*
 * Scripts are not type-checked, and use the compiled packages: otherwise only the next person who runs a script would
 * notice a renamed export.
 */

const scripts = ["scripts", "bench", "tests/support"].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true })
    .map((path) => join(folder, String(path)))
    .filter((path) => path.endsWith(".mjs") && !path.includes("node_modules")),
);

/** `[file, module, names]` for each import of a compiled package. */
const imports = scripts.flatMap((file) =>
  [...read(file).matchAll(/\{([^{}]*)\} (?:from |= await import\()"(\.[^"]*\/dist\/[^"]+)"/g)].map(
    ([, names = "", path = ""]) => ({
      file,
      module: pathToFileURL(join(root, dirname(file), path)).href,
      names: names
        .split(",")
        .map((name) => name.trim().split(" as ")[0] ?? "")
        .filter((name) => name !== ""),
    }),
  ),
);

test("scripts import only names that the compiled packages export", async () => {
  expect(imports.length).toBeGreaterThan(5);
  const check = `
    const missing = [];
    for (const { file, module, names } of JSON.parse(process.argv[1])) {
      const exported = await import(module);
      for (const name of names) if (!(name in exported)) missing.push(file + ": " + name);
    }
    console.log(JSON.stringify(missing));`;
  const { stdout } = await promisify(execFile)(process.execPath, [
    "--input-type=module",
    "-e",
    check,
    JSON.stringify(imports),
  ]);
  expect(JSON.parse(stdout)).toEqual([]);
});
