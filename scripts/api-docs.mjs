// The reference of what the public packages export, from their TSDoc, as pages in artifacts/api. A link in a comment
// that leads nowhere is an error; that every export has a comment is what tests/docs/api-comments.test.ts sees to.
import { join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { Application } from "typedoc";
import { publicPackages } from "./public-packages.mjs";
import { root } from "./pnpm.mjs";

const out = join(root, "artifacts", "api");
const packages = publicPackages().filter(({ manifest }) => manifest.exports !== undefined);

const app = await Application.bootstrapWithPlugins({
  name: "molecule-image",
  entryPoints: packages.map(({ directory }) => join(directory, "src", "index.ts")),
  tsconfig: join(root, "scripts", "api-docs.tsconfig.json"),
  readme: "none",
  out,
  excludeInternal: true,
  excludePrivate: true,
  disableSources: true,
  gitRevision: "main",
  validation: { notExported: false, invalidLink: true, notDocumented: false },
  treatWarningsAsErrors: true,
});
const project = await app.convert();
if (project === undefined) process.exit(1);
// By the names that they are imported by, not by where they lie here.
for (const module of project.children ?? []) {
  const place = packages.find(({ directory }) => relative(root, join(directory, "src")) === module.name);
  if (place !== undefined) module.name = place.manifest.name;
}
app.validate(project);
await app.generateOutputs(project);
if (app.logger.hasErrors() || app.logger.hasWarnings()) process.exit(1);
console.log(`${relative(root, out)}/index.html (${pathToFileURL(join(out, "index.html")).href})`);
