// Which sources the last build was made from, so that no test runs against an older one.
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./pnpm.mjs";

const stampIn = (base) => join(base, "node_modules", ".molecule-build.json");
const alsoBuiltFrom = [
  "pnpm-lock.yaml",
  "tsconfig.base.json",
  "scripts/bundle-cli.mjs",
  "scripts/compile-cli.mjs",
];

/** Records that the build is made from the sources as they are now. */
export function recordBuild(base = root) {
  writeFileSync(stampIn(base), JSON.stringify(digests(base)));
}

/** The first source that differs from what the last build was made from; undefined when there is none. */
export function changedSinceBuild(base = root) {
  const now = digests(base);
  const then = existsSync(stampIn(base)) ? JSON.parse(readFileSync(stampIn(base), "utf8")) : {};
  return Object.keys({ ...then, ...now }).find((file) => now[file] !== then[file]);
}

function digests(base) {
  return Object.fromEntries(
    [...sources(base), ...alsoBuiltFrom.filter((file) => existsSync(join(base, file)))].map((file) => [
      file,
      createHash("sha256")
        .update(readFileSync(join(base, file)))
        .digest("base64url"),
    ]),
  );
}

function sources(base) {
  const folders = ["packages", "plugins"].flatMap((folder) =>
    readdirSync(join(base, folder)).map((name) => join(folder, name, "src")),
  );
  return folders
    .filter((folder) => existsSync(join(base, folder)))
    .flatMap((folder) =>
      readdirSync(join(base, folder), { recursive: true }).map((path) => join(folder, path)),
    )
    .filter((file) => file.endsWith(".ts") && !file.includes(".test."));
}
