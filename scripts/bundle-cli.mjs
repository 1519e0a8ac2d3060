// Bundles the start path of the command: resolving a hundred small modules costs more than running them.
import { spawnSync } from "node:child_process";
import { builtinModules, createRequire } from "node:module";
import { readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { root } from "./pnpm.mjs";

const cli = join(root, "packages", "cli");
const requireHere = createRequire(import.meta.url);

// Heavy, needed by few calls and loaded by those alone; dockerode also reads files beside its own.
const external = ["cosmiconfig", "dockerode", "winston"];

// Imported by parts that every call has, used by few calls; each is milliseconds of a start.
const lateBuiltins = new Set(["child_process", "https", "timers/promises", "tls", "zlib"]);

// An `import` of a module of Node's reads each of its exports once, and some of those are lazy for a reason: the root
// certificates of node:tls, the web part of node:crypto. A `require` leaves them alone; some wait for their first use.
const requiredBuiltins = {
  name: "required-builtins",
  setup(build) {
    const names = builtinModules
      .flatMap((name) => [name, `node:${name}`])
      .map((name) => name.replaceAll("/", "\\/"));
    build.onResolve({ filter: new RegExp(`^(?:${names.join("|")})$`) }, ({ path, namespace }) =>
      namespace === "builtin"
        ? { path, external: true }
        : { path: path.replace(/^node:/, ""), namespace: "builtin" },
    );
    build.onLoad({ filter: /./, namespace: "builtin" }, ({ path }) => ({
      contents: lateBuiltins.has(path) ? lateModule(path) : `module.exports = require("node:${path}");`,
    }));
  },
};

function lateModule(name) {
  const getters = Object.keys(requireHere(`node:${name}`)).map(
    (key) => `get ${key}() { return load().${key}; }`,
  );
  return `const load = () => require("node:${name}"); module.exports = { ${getters.join(", ")} };`;
}

// What fetch-blob puts in the place of web streams where there are none; every Node that is served has them, and asking
// for them alone loads them.
const noPolyfills = {
  name: "no-polyfills",
  setup(build) {
    build.onResolve({ filter: /^\.\/streams\.cjs$/ }, ({ importer }) =>
      dirname(importer).endsWith("fetch-blob") ? { path: "streams.cjs", namespace: "nothing" } : undefined,
    );
    build.onLoad({ filter: /./, namespace: "nothing" }, () => ({ contents: "" }));
  },
};

const common = {
  bundle: true,
  // The loader of CommonJS starts faster, and its scripts can be kept as compiled (docs/adr, "the command starts compiled").
  format: "cjs",
  platform: "node",
  target: "node20",
  minify: true,
  // Names stay: they are in stack traces that users report.
  keepNames: true,
  sourcemap: "linked",
  sourcesContent: false,
  logLevel: "warning",
};

export async function bundleCli() {
  // Imported late: on a bare clone it is installed by the step before.
  const { build } = createRequire(join(root, "package.json"))("esbuild");
  await rm(join(cli, "bundle"), { recursive: true, force: true });
  await build({
    ...common,
    entryPoints: [join(cli, "dist", "main.js")],
    outfile: join(cli, "bundle", "main.cjs"),
    external,
    plugins: [requiredBuiltins, noPolyfills],
  });
  await importFromOutside(join(cli, "bundle", "main.cjs"));
  const { status } = spawnSync(process.execPath, [compileCli], { stdio: ["ignore", 2, 2] });
  if (status !== 0) throw new Error("the command could not be compiled ahead");
}

// V8 forgets who answers an `import()` of a script that it has kept as compiled; bin/start.cjs hands in one of its own. Of
// the same length, so that the source map stays true.
async function importFromOutside(file) {
  const script = await readFile(file, "utf8");
  if (script.includes("$load$")) throw new Error("the bundle has a name $load$ of its own");
  await writeFile(file, script.replace(/\bimport\(/g, "$$load$$("));
}

const compileCli = fileURLToPath(new URL("compile-cli.mjs", import.meta.url));
