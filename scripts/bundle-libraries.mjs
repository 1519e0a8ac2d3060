// Writes `lib/` of each library: the form in which it is published. The code is one CommonJS file per entry, with an ES
// module that re-exports it, so that a process has one copy of it however it is loaded:
// docs/adr/0086-libraries-are-published-as-commonjs.md
import { mkdir, rm, writeFile } from "node:fs/promises";
import { builtinModules, createRequire } from "node:module";
import { join } from "node:path";
import { bundledLicenses } from "./bundled-licenses.mjs";
import { copyDeclarations } from "./copy-declarations.mjs";
import { noPolyfills } from "./no-polyfills.mjs";
import { root } from "./pnpm.mjs";
import { publicPackages } from "./public-packages.mjs";

const builtins = new Set(builtinModules.flatMap((name) => [name, `node:${name}`]));
const packageOf = (path) => path.split("/", path.startsWith("@") ? 2 : 1).join("/");

/** Dependencies stay outside the bundle. Packages that are only devDependencies become part of it. */
function outsidePackages({ dependencies = {}, peerDependencies = {} }) {
  const outside = new Set(Object.keys({ ...dependencies, ...peerDependencies }));
  const isOutside = (path) => builtins.has(path) || outside.has(packageOf(path));
  return {
    name: "outside-packages",
    setup(build) {
      build.onResolve({ filter: /^[^./]/ }, ({ path, kind, namespace }) => {
        if (!isOutside(path)) return undefined;
        // Jest's module system has no `import()` in CommonJS files without a flag of Node, so a `require` replaces it.
        return kind === "dynamic-import" && namespace !== "late"
          ? { path, namespace: "late" }
          : { path, external: true };
      });
      build.onLoad({ filter: /./, namespace: "late" }, ({ path }) => ({
        contents: `module.exports = require(${JSON.stringify(path)});`,
        resolveDir: root,
      }));
    },
  };
}

/** Returns the public packages that can be imported, with the names of their entries: `index` and perhaps others. */
export function libraries() {
  return publicPackages()
    .filter(({ manifest }) => manifest.exports !== undefined)
    .map(({ directory, manifest }) => ({
      directory,
      manifest,
      entries: entriesOf(manifest),
    }));
}

function entriesOf({ name, publishConfig }) {
  if (publishConfig?.exports === undefined) throw new Error(`${name} has no publishConfig.exports`);
  return Object.keys(publishConfig.exports)
    .filter((path) => path !== "./package.json")
    .map((path) => (path === "." ? "index" : path.slice(2)));
}

export async function bundleLibraries() {
  await Promise.all(libraries().map(bundleLibrary));
}

async function bundleLibrary({ directory, manifest, entries }) {
  const [from, to] = [join(directory, "dist"), join(directory, "lib")];
  await rm(to, { recursive: true, force: true });
  await mkdir(to);
  await writeFile(join(to, "package.json"), '{ "type": "commonjs" }\n');
  await copyDeclarations(entries, from, to);
  for (const entry of entries) {
    const { inputs, exported } = await bundleEntry(
      join(from, `${entry}.js`),
      join(to, `${entry}.js`),
      manifest,
    );
    const named = exported.filter((name) => name !== "default").sort();
    const hasDefault = exported.includes("default");
    await writeFile(join(to, `${entry}.names.js`), namesOf(entry, named));
    await writeFile(join(to, `${entry}.mjs`), moduleOver(entry, named, hasDefault));
    await writeFile(join(to, `${entry}.d.mts`), declarationsOver(entry, hasDefault));
    const licenses = await bundledLicenses(inputs);
    if (licenses !== "") await writeFile(join(to, `${entry}.licenses.txt`), licenses);
  }
}

async function bundleEntry(file, outfile, manifest) {
  // Imported late: on a bare clone the previous step installs it.
  const { build } = createRequire(join(root, "package.json"))("esbuild");
  const common = {
    absWorkingDir: root,
    bundle: true,
    entryPoints: [file],
    outfile,
    platform: "node",
    target: "node20",
    // Names of classes and functions appear in errors and stack traces.
    keepNames: true,
    metafile: true,
    sourcemap: "linked",
    sourcesContent: false,
    logLevel: "warning",
    plugins: [outsidePackages(manifest), noPolyfills],
  };
  // Only the bundle of an ES module lists what it exports.
  const [{ metafile }, listing] = await Promise.all([
    build({ ...common, format: "cjs" }),
    build({ ...common, format: "esm", write: false }),
  ]);
  const { exports: exported } = Object.values(listing.metafile.outputs).find(({ entryPoint }) => entryPoint);
  return { inputs: Object.keys(metafile.inputs), exported };
}

/**
 * Node scans a CommonJS file that an ES module imports for the names that it exports. Scanning the bundle takes as long as
 * running it, so a short file lists the names.
 */
function namesOf(entry, named) {
  return [
    `const entry = require("./${entry}.js");`,
    "module.exports = entry;",
    `0 && (module.exports = { ${named.join(", ")} });`,
    "",
  ].join("\n");
}

function moduleOver(entry, named, hasDefault) {
  const from = `from "./${entry}.names.js";`;
  const lines = named.length > 0 ? [`export { ${named.join(", ")} } ${from}`] : [];
  // Node imports `module.exports` as the default, some bundlers its `default`.
  if (hasDefault) lines.push(`import entry ${from}`, "export default entry.default ?? entry;");
  return `${lines.join("\n")}\n`;
}

function declarationsOver(entry, hasDefault) {
  const lines = [`export * from "./${entry}.js";`];
  if (hasDefault)
    lines.push(`declare const entry: typeof import("./${entry}.js").default;`, "export default entry;");
  return `${lines.join("\n")}\n`;
}
