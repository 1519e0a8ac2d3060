// Records which sources the last build was made from, so that no test runs against an outdated build.
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./pnpm.mjs";

const stampIn = (base) => join(base, "node_modules", ".molecule-build.json");
const alsoBuiltFrom = [
  "pnpm-lock.yaml",
  "tsconfig.base.json",
  "scripts/bundle-cli.mjs",
  "scripts/bundle-libraries.mjs",
  "scripts/bundled-licenses.mjs",
  "scripts/copy-declarations.mjs",
  "scripts/no-polyfills.mjs",
  "scripts/public-packages.mjs",
  "scripts/compile-cli.mjs",
  "packages/cli/bin/start.cjs",
];

/**
 * Reads the sources before a build, and returns a function that records them after it. A file that is saved during the
 * build therefore counts as changed.
 */
export function beginBuild(base = root) {
  const before = digests(base);
  return () => writeFileSync(stampIn(base), JSON.stringify(before));
}

/** Returns the first source that has changed since the last build, or a missing output; undefined if there is none. */
export function changedSinceBuild(base = root) {
  const missing = outputs(base).find((path) => !existsSync(join(base, path)));
  if (missing !== undefined) return missing;
  const now = digests(base);
  const then = existsSync(stampIn(base)) ? JSON.parse(readFileSync(stampIn(base), "utf8")) : {};
  return Object.keys({ ...then, ...now }).find((file) => now[file] !== then[file]);
}

/** The outputs of a build: the compiled packages, the published form of the libraries, and the bundled command. */
function outputs(base) {
  const compiled = packages(base)
    .filter((folder) => existsSync(join(base, folder, "src", "index.ts")))
    .map((folder) => join(folder, "dist", "index.js"));
  const bundled = packages(base)
    .filter((folder) => isLibrary(join(base, folder, "package.json")))
    .map((folder) => join(folder, "lib", "index.mjs"));
  const command = existsSync(join(base, "packages", "cli")) ? ["packages/cli/bundle/main.cjs"] : [];
  return [...compiled, ...bundled, ...command];
}

function isLibrary(manifest) {
  return (
    existsSync(manifest) && JSON.parse(readFileSync(manifest, "utf8")).publishConfig?.exports !== undefined
  );
}

function packages(base) {
  return ["packages", "plugins"].flatMap((folder) =>
    readdirSync(join(base, folder)).map((name) => join(folder, name)),
  );
}

function digests(base) {
  return Object.fromEntries(
    [...sources(base), ...alsoBuiltFrom]
      .filter((file) => existsSync(join(base, file)))
      .map((file) => [
        file,
        createHash("sha256")
          .update(readFileSync(join(base, file)))
          .digest("base64url"),
      ]),
  );
}

function sources(base) {
  return packages(base).flatMap((folder) => {
    const configuration = ["package.json", "tsconfig.json"].map((name) => join(folder, name));
    const code = existsSync(join(base, folder, "src"))
      ? readdirSync(join(base, folder, "src"), { recursive: true }).map((path) => join(folder, "src", path))
      : [];
    return [...configuration, ...code.filter((file) => file.endsWith(".ts") && !file.includes(".test."))];
  });
}
