// Bundles the start path of the command: resolving a hundred small modules costs more than running them.
import { builtinModules, createRequire } from "node:module";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { root } from "./pnpm.mjs";

// Heavy, needed by few calls and loaded by those alone; dockerode also reads files beside its own.
const external = ["cosmiconfig", "dockerode", "listr2", "simple-git", "winston"];

// An `import` of a module of Node's reads each of its exports once, and some of those are lazy for a reason: the root
// certificates of node:tls, the web part of node:crypto. A `require` leaves them alone: 5 ms of every start.
const requiredBuiltins = {
  name: "required-builtins",
  setup(build) {
    const names = builtinModules
      .flatMap((name) => [name, `node:${name}`])
      .map((name) => name.replaceAll("/", "\\/"));
    build.onResolve({ filter: new RegExp(`^(?:${names.join("|")})$`) }, ({ path, kind }) =>
      kind === "import-statement" ? { path, namespace: "builtin" } : { path, external: true },
    );
    build.onLoad({ filter: /./, namespace: "builtin" }, ({ path }) => ({
      contents: `module.exports = require(${JSON.stringify(path)});`,
    }));
  },
};

export async function bundleCli() {
  const cli = join(root, "packages", "cli");
  // Imported late: on a bare clone it is installed by the step before.
  const { build } = createRequire(join(root, "package.json"))("esbuild");
  await rm(join(cli, "bundle"), { recursive: true, force: true });
  await build({
    entryPoints: [join(cli, "dist", "main.js")],
    outdir: join(cli, "bundle"),
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20",
    minify: true,
    // Names stay: they are in stack traces that users report.
    keepNames: true,
    sourcemap: "linked",
    sourcesContent: false,
    external,
    plugins: [requiredBuiltins],
    logLevel: "warning",
    banner: {
      js: 'import { createRequire as molecule_createRequire } from "node:module"; const require = molecule_createRequire(import.meta.url);',
    },
  });
}
