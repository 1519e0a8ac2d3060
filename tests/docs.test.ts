import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "@jest/globals";
import { exitStatusByCode } from "../packages/core/src/errors/errors.js";
import { shippedManifests } from "../packages/host/src/plugins/shipped-manifests.js";
import { knownVariables } from "../packages/host/src/config/unknown-variables.js";
import { read, root } from "./docs/documents.js";

/*
 * Compares the documents with the code in both directions, so that neither can change alone.
 */

function filesBelow(folder: string, ending: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(ending) && !/(?:^|\/)(?:node_modules|dist|bundle)\//.test(path))
    .map((path) => join(folder, path));
}

/** Returns the text below a second-level heading. */
function section(document: string, heading: string): string {
  const [, text = ""] = document.split(`\n## ${heading}\n`);
  return text.split("\n## ")[0] ?? "";
}

/** Returns the code spans in the first column of its table. */
function firstColumn(text: string): string[] {
  return [...text.matchAll(/^\| `([^`]+)` \|/gm)].map(([, cell = ""]) => cell);
}

const sorted = (names: Iterable<string>): string[] => [...new Set(names)].sort();

describe("docs/operating/errors.md", () => {
  test("has one heading for each code, with the command's exit status", () => {
    const written = [...read("docs/operating/errors.md").matchAll(/^## ([A-Z_]+)\n\nExit status: (\d+)$/gm)];
    const statuses = written.map(([, code = "", status]): [string, number] => [code, Number(status)]);

    expect(Object.fromEntries(statuses)).toEqual(exitStatusByCode);
    expect(statuses).toHaveLength(Object.keys(exitStatusByCode).length);
    expect(read("docs/operating/errors.md").match(/^## /gm)).toHaveLength(statuses.length);
  });
});

describe("docs/operating/troubleshooting.md", () => {
  test("has one row for each finding of doctor", () => {
    const ids = [
      ...filesBelow("packages/host/src/doctor", ".ts"),
      ...filesBelow("packages/template-build/src/diagnosis", ".ts"),
      ...["plugins", "packages/signatures"]
        .flatMap((folder) => filesBelow(folder, ".ts"))
        .filter((path) => /\/diagnose-[^/]*$/.test(path)),
    ]
      .filter((path) => !path.endsWith(".test.ts"))
      .flatMap((path) => [...read(path).matchAll(/\bid: (?:"([^"]+)"|`([a-z]+\.)\$\{\w+\}`)/g)])
      .map(([, id, start = ""]) => id ?? `${start}<runtime>`);

    expect(ids).toEqual(expect.arrayContaining(["forge", "disk.cache", "registry", "buildah"]));
    expect(firstColumn(section(read("docs/operating/troubleshooting.md"), "Findings")).sort()).toEqual(
      sorted(ids),
    );
  });
});

describe("docs/operating/configuration.md", () => {
  const document = read("docs/operating/configuration.md");

  test("lists exactly the variables that the code reads", () => {
    expect(sorted(firstColumn(section(document, "Variables")))).toEqual(sorted(variablesRead()));
  });

  test("lists every known variable of ours, so that the host warns of any other", () => {
    const listed = firstColumn(section(document, "Variables")).filter((name) => name.startsWith("MOLECULE_"));
    expect(sorted(listed)).toEqual(sorted(knownVariables(shippedManifests)));
  });

  test("has the keys of the configuration's schemas, as npm run generate writes them", async () => {
    const script = join(root, "scripts", "documents.mjs");
    await promisify(execFile)(process.execPath, [script, "--check"]);

    const keys = firstColumn(section(document, "Keys"));
    expect(keys).toEqual(expect.arrayContaining(["timeout", "options.registry-pull.tag"]));
  });
});

/** Finds variables by their spelling: `env.NAME`, `env["NAME"]`, or such a string that is not an error code. */
function variablesRead(): string[] {
  const spellings = [
    /\benv\.([A-Z][A-Z0-9_]+)\b/g,
    /\benv\["([A-Z][A-Z0-9_]+)"\]/g,
    /"((?:MOLECULE|DOCKER|CONTAINER|HTTPS?|NO|XDG|NODE)_[A-Z0-9_]+)"/g,
  ];
  return [...filesBelow("packages", ".ts"), ...filesBelow("plugins", ".ts")]
    .filter((path) => !path.startsWith(join("packages", "test")) && !/\.test\.(?:support\.)?ts$/.test(path))
    .map(read)
    .flatMap((text) => spellings.flatMap((spelling) => [...text.matchAll(spelling)]))
    .map(([, name = ""]) => name)
    .filter((name) => !(name in exitStatusByCode));
}
