// Builds the documents and the API reference into one static site in artifacts/site. `--serve PORT` serves it on
// loopback until Ctrl-C. A broken link fails the build.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { build, serve } from "vitepress";
import { root } from "../pnpm.mjs";
import { writeApiReference } from "./api-reference.mjs";

const stage = join(root, "artifacts", "site-source");
const site = join(root, "artifacts", "site");

rmSync(stage, { recursive: true, force: true });
rmSync(site, { recursive: true, force: true });
for (const page of pages()) {
  mkdirSync(dirname(join(stage, page)), { recursive: true });
  // The comments are only for the tests of the documents.
  writeFileSync(
    join(stage, page),
    readFileSync(join(root, page), "utf8").replaceAll(/<!--[\s\S]*?-->\n?/g, ""),
  );
}
mkdirSync(join(stage, ".vitepress"));
cpSync(join(import.meta.dirname, "config.mjs"), join(stage, ".vitepress", "config.mjs"));
await writeApiReference(join(stage, "reference"));
await build(stage, { outDir: site, logLevel: "warn" });
console.log(relative(root, site));

const port = Number(process.argv[process.argv.indexOf("--serve") + 1]);
if (process.argv.includes("--serve"))
  await serve({ root: stage, port: Number.isInteger(port) ? port : 4173 });

/** The site's files, at the same paths as in the repository, so that links between pages work. */
function pages() {
  const readmes = ["packages", "plugins", "examples"].flatMap((folder) =>
    readdirSync(join(root, folder))
      .map((name) => join(folder, name, "README.md"))
      .filter((file) => existsSync(join(root, file))),
  );
  const documents = readdirSync(join(root, "docs"), { recursive: true })
    .filter((file) => /\.(?:md|svg)$/.test(file))
    .map((file) => join("docs", file));
  return ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md", ...documents, ...readmes];
}
