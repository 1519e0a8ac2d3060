// The published packages: every package in packages/ and plugins/ that is not private.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./pnpm.mjs";

/** Each package with its directory and its package.json. */
export function publicPackages() {
  return (
    ["packages", "plugins"]
      .flatMap((folder) => readdirSync(join(root, folder)).map((name) => join(root, folder, name)))
      // A package that was removed may leave its ignored files behind.
      .filter((directory) => existsSync(join(directory, "package.json")))
      .map((directory) => ({
        directory,
        manifest: JSON.parse(readFileSync(join(directory, "package.json"), "utf8")),
      }))
      .filter(({ manifest }) => !manifest.private)
  );
}
