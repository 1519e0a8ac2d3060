// Generates from the code: the JSON Schema of the configuration file, the table of keys in
// docs/operating/configuration.md, the code in docs/extending/writing-a-source.md, the counts of lines in
// docs/adr/0070-own-code-for-general-problems.md, and the host's copy of the manifests of shipped plugins. With --check
// it only compares, and reports which files are out of date.
import { readFileSync, writeFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { format } from "./format.mjs";
import { withLineCounts } from "./own-code.mjs";
import { root } from "./pnpm.mjs";

const load = (...path) => import(pathToFileURL(join(root, ...path)).href);
const { configJsonSchema } = await load("packages", "host", "dist", "index.js");
const { trustOf } = await load("packages", "host", "dist", "trust", "trusted-keys.js");

/** Sources that take the same options share one part of the table. */
const shown = ["registry-pull", "gitea-local-build", "buildah", "buildkit"];
const shared = ["gitea-local-build", "buildah", "buildkit"];
const isGroup = (path) => /^(?:sources|runtimes|options|options\.[^.]+)$/.test(path);

/** The declarations that the host needs before a shipped plugin is loaded, or if it is not installed. */
const declarations = [
  "name",
  "apiVersion",
  "modes",
  "variables",
  "optionVariables",
  "runtimeOptions",
  "harmlessOptions",
];

function manifestsModule() {
  const manifests = plugins.map((plugin) =>
    Object.fromEntries(declarations.flatMap((key) => (key in plugin ? [[key, plugin[key]]] : []))),
  );
  return `import type { SourceManifest } from "@molecule/core";

/** The declarations of the shipped sources. Made by npm run generate from plugins/. */
export const shippedManifests: readonly SourceManifest[] = ${JSON.stringify(manifests)};
`;
}

async function shippedPlugins() {
  const names = readdirSync(join(root, "plugins")).sort();
  return Promise.all(names.map(async (name) => (await load("plugins", name, "dist", "index.js")).default));
}

/** Omits what the table already contains. */
function ofItsOwn(key, value, siblings) {
  const [first, ...later] = shared;
  if (!later.includes(key)) return value;
  const own = Object.entries(value.properties).filter(([name]) => !(name in siblings[first].properties));
  return { ...value, properties: Object.fromEntries(own) };
}

function rows({ properties = {} }, above = "") {
  return Object.entries(properties).flatMap(([key, value]) => {
    const path = above === "" ? key : `${above}.${key}`;
    if (above === "options" && !shown.includes(key)) return [];
    return isGroup(path) ? rows(ofItsOwn(key, value, properties), path) : [row(path, value)];
  });
}

function row(path, { default: fallback, description = "" }) {
  if (description === "") throw new Error(`${path} has no description`);
  // A default that is not a fixed value is described in the last sentence.
  const [, meaning, words] = /^(.*?)\s*Default: (.*)\.$/.exec(description) ?? [
    undefined,
    description,
    "none",
  ];
  const shownDefault = typeof fallback === "string" ? fallback : JSON.stringify(fallback);
  const cells = [
    `\`${path}\``,
    fallback === undefined ? words : `\`${shownDefault}\``,
    meaning,
    trustOf(path, plugins),
  ];
  return `| ${cells.join(" | ")} |`;
}

/** Returns the document with the text between these markers replaced by what `make` returns for it. */
function replaceBetween(document, marker, make) {
  const [begin, end] = [`<!-- ${marker}: made by npm run generate -->`, `<!-- end of ${marker} -->`];
  const from = document.indexOf(begin) + begin.length;
  const to = document.indexOf(end);
  if (from < begin.length || to < from) throw new Error(`missing ${begin} before ${end}`);
  return `${document.slice(0, from)}\n${make(document.slice(from, to))}\n${document.slice(to)}`;
}

const between = (document, marker, text) => replaceBetween(document, marker, () => text);

const plugins = await shippedPlugins();
const schema = await configJsonSchema(plugins);
const table = ["| key | default | meaning | trust |", "|---|---|---|---|", ...rows(schema)].join("\n");
const documentFile = join(root, "docs", "operating", "configuration.md");
const schemaFile = join(root, "packages", "host", "schema", "moleculerc.schema.json");
const sourceDocument = join(root, "docs", "extending", "writing-a-source.md");
const example = (file) =>
  `\`\`\`ts\n${readFileSync(join(root, "examples", "minimal-source", "src", file), "utf8")}\`\`\``;
const sourcePage = between(readFileSync(sourceDocument, "utf8"), "minimal-source", example("index.ts"));
const decisions = join(root, "docs", "adr");
const ownCodePage = join(decisions, "0070-own-code-for-general-problems.md");
const ownCode = replaceBetween(readFileSync(ownCodePage, "utf8"), "own-code", (table) =>
  withLineCounts(table, decisions),
);
const manifestsFile = join(root, "packages", "host", "src", "plugins", "shipped-manifests.ts");
const made = [
  [manifestsFile, await format(manifestsFile, manifestsModule())],
  [schemaFile, await format(schemaFile, JSON.stringify(schema))],
  [sourceDocument, between(sourcePage, "minimal-source-test", example("index.test.ts"))],
  [documentFile, between(readFileSync(documentFile, "utf8"), "keys", table)],
  [ownCodePage, ownCode],
];

for (const [file, text] of made) {
  if (!process.argv.includes("--check")) writeFileSync(file, text);
  else if (readFileSync(file, "utf8") !== text) {
    console.error(`${file} is out of date: npm run generate`);
    process.exitCode = 1;
  }
}
