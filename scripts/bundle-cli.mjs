// Bundles the start path of the command: resolving a hundred small modules costs more than running them.
import { spawnSync } from "node:child_process";
import { builtinModules, createRequire } from "node:module";
import { readFile, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundledLicenses } from "./bundled-licenses.mjs";
import { noPolyfills } from "./no-polyfills.mjs";
import { root } from "./pnpm.mjs";

const cli = join(root, "packages", "cli");
const requireHere = createRequire(import.meta.url);

// Large, and needed by few calls: each is a file of its own, loaded only by those. Node must find the names that are
// imported, so a module that exports more than a default lists them.
const packageEntry = (contents, importer) => ({
  stdin: { contents, resolveDir: join(root, "packages", importer) },
});
const lateFiles = {
  cosmiconfig: packageEntry('export { defaultLoadersSync } from "cosmiconfig";', "host"),
  dockerode: packageEntry('module.exports = require("dockerode");', "engine"),
  "serve-metrics": { entryPoints: [join(cli, "dist", "servers", "serve-metrics.js")] },
  winston: packageEntry('module.exports = require("winston");', "host"),
};

/** Imports of these packages and modules lead to their files. The path is relative to bin/start.cjs, which imports them. */
const lateImports = {
  name: "late-imports",
  setup(build) {
    const names = Object.keys(lateFiles).join("|");
    build.onResolve({ filter: new RegExp(`^(?:${names}|\\.\\.?/.*/(?:${names})\\.js)$`) }, ({ path }) => ({
      path: `../bundle/${basename(path, ".js")}.cjs`,
      external: true,
    }));
  },
};

// Parts of dockerode that we do not use, and that need gRPC and ssh2 with its native code.
const unusedParts = {
  name: "unused-parts",
  setup(build) {
    const unused = { session: /\/dockerode\/lib\/docker\.js$/, ssh: /\/docker-modem\/lib\/modem\.js$/ };
    build.onResolve({ filter: /^\.\/(?:session|ssh)$/ }, ({ path, importer }) =>
      unused[path.slice(2)].test(importer) ? { path, namespace: "unused" } : undefined,
    );
    build.onLoad({ filter: /./, namespace: "unused" }, ({ path }) => ({
      contents: `module.exports = () => { throw new Error("the bundle has no ${path}"); };`,
    }));
  },
};

// Imported by modules that every call loads, used by few calls; each costs milliseconds at startup.
const lateBuiltins = new Set([
  "child_process",
  "crypto",
  "fs/promises",
  "https",
  "module",
  "perf_hooks",
  "readline",
  "timers/promises",
  "tls",
  "v8",
  "zlib",
]);

// Importing one of Node's modules reads each of its exports once, and some of those are lazy for a reason: the root
// certificates of node:tls, the web part of node:crypto. A `require` does not touch them; some load on first use.
const requiredBuiltins = {
  name: "required-builtins",
  setup(build) {
    const names = builtinModules
      .flatMap((name) => [name, `node:${name}`])
      .map((name) => name.replaceAll("/", "\\/"));
    build.onResolve({ filter: new RegExp(`^(?:${names.join("|")})$`) }, ({ path, kind, namespace }) =>
      namespace === "builtin" || (kind === "require-call" && !lateBuiltins.has(path.replace(/^node:/, "")))
        ? { path, external: true }
        : { path: path.replace(/^node:/, ""), namespace: "builtin" },
    );
    build.onLoad({ filter: /./, namespace: "builtin" }, ({ path }) => ({
      contents: `module.exports = ${lateBuiltins.has(path) ? lateModule(path) : heirOf(path)};`,
    }));
  },
};

/**
 * For each import statement, esbuild copies the own properties of the module that it imports from, and those of
 * node:fs are more than a hundred. This object has none: it inherits them. A module that is a function must stay one,
 * and the methods of `process` need it as `this`.
 */
function heirOf(name) {
  const module = `require("node:${name}")`;
  const isPlain = typeof requireHere(`node:${name}`) === "object" && name !== "process";
  return isPlain ? `Object.create(${module})` : module;
}

function lateModule(name) {
  const getters = Object.keys(requireHere(`node:${name}`)).map(
    (key) => `get ${key}() { return load().${key}; }`,
  );
  const load = `let loaded; const load = () => (loaded ??= require("node:${name}"))`;
  return `Object.create({ ${getters.join(", ")} }); ${load}`;
}

const common = {
  absWorkingDir: root,
  bundle: true,
  // The CommonJS loader starts faster, and its scripts can be cached compiled (docs/adr, "the command starts compiled")
  format: "cjs",
  platform: "node",
  target: "node20",
  // Names stay: they appear in stack traces that users report. Restoring minified ones takes a call for each function.
  minifySyntax: true,
  minifyWhitespace: true,
  // Checkers of packages search for such a text to recognise CommonJS: without it, they take a variable named
  // import_… for an import statement.
  footer: { js: ';require("node:process");' },
  sourcemap: "linked",
  sourcesContent: false,
  logLevel: "warning",
};

export async function bundleCli() {
  // Imported late: on a bare clone the previous step installs it.
  const { build } = createRequire(join(root, "package.json"))("esbuild");
  await rm(join(cli, "bundle"), { recursive: true, force: true });
  const inputs = new Set();
  const bundle = async (options) => {
    const { metafile } = await build({ ...common, ...options, metafile: true });
    for (const input of Object.keys(metafile.inputs)) inputs.add(input);
  };
  await bundle({
    entryPoints: [join(cli, "dist", "main.js")],
    outfile: join(cli, "bundle", "main.cjs"),
    plugins: [lateImports, requiredBuiltins, noPolyfills],
  });
  for (const [name, entry] of Object.entries(lateFiles))
    await bundle({
      ...entry,
      outfile: join(cli, "bundle", `${name}.cjs`),
      // cosmiconfig loads it for configuration files in TypeScript, which are never read.
      external: ["typescript"],
      sourcemap: false,
      plugins: [unusedParts],
    });
  await writeFile(join(cli, "bundle", "licenses.txt"), await bundledLicenses([...inputs]));
  await importFromOutside(join(cli, "bundle", "main.cjs"));
  const { status } = spawnSync(process.execPath, [compileCli], { stdio: ["ignore", 2, 2] });
  if (status !== 0) throw new Error("cannot compile the command ahead of time");
}

// A script from V8's code cache has no handler for `import()`; bin/start.cjs passes one in. The replacement has
// the same length, so that the source map stays correct.
async function importFromOutside(file) {
  const script = await readFile(file, "utf8");
  if (script.includes("$load$")) throw new Error("the bundle already uses the name $load$");
  await writeFile(file, script.replace(/\bimport\(/g, "$$load$$("));
}

const compileCli = fileURLToPath(new URL("compile-cli.mjs", import.meta.url));
