// Writes the API reference of the public packages, from their TSDoc, as Markdown pages: one folder per package.
import { join, relative } from "node:path";
import { Application } from "typedoc";
import { root } from "../pnpm.mjs";
import { publicPackages } from "../public-packages.mjs";

/** Writes the pages to `out` and returns the names of the packages. A broken link in a comment is an error. */
export async function writeApiReference(out) {
  const packages = publicPackages().filter(({ manifest }) => manifest.exports !== undefined);
  const app = await Application.bootstrapWithPlugins({
    name: "API reference",
    plugin: ["typedoc-plugin-markdown"],
    entryPoints: packages.map(({ directory }) => join(directory, "src", "index.ts")),
    tsconfig: join(import.meta.dirname, "api-reference.tsconfig.json"),
    readme: "none",
    out,
    router: "module",
    entryFileName: "index",
    hideBreadcrumbs: true,
    hidePageHeader: true,
    useCodeBlocks: true,
    parametersFormat: "table",
    interfacePropertiesFormat: "table",
    typeDeclarationFormat: "table",
    enumMembersFormat: "table",
    excludeInternal: true,
    excludePrivate: true,
    disableSources: true,
    gitRevision: "main",
    validation: { notExported: false, invalidLink: true, notDocumented: false },
    treatWarningsAsErrors: true,
    logLevel: "Warn",
  });
  const project = await app.convert();
  if (project === undefined) throw new Error("typedoc could not read the packages");
  // Uses the names that they are imported by, not their paths in this repository.
  for (const module of project.children ?? []) {
    const place = packages.find(({ directory }) => relative(root, join(directory, "src")) === module.name);
    if (place !== undefined) module.name = place.manifest.name;
  }
  app.validate(project);
  await app.generateOutputs(project);
  if (app.logger.hasErrors() || app.logger.hasWarnings()) throw new Error("typedoc reported problems");
  return packages.map(({ manifest }) => manifest.name);
}
