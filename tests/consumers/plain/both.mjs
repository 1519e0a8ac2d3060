// One process that loads every package both ways, such as an ES module application with a CommonJS library that uses
// the packages too. Prints what differs.
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { ImageSourceError, isImageSourceError, tokens } from "@molecule/core";
import registryPull from "@molecule/source-registry-pull";

const require = createRequire(import.meta.url);
const manifests = readdirSync("node_modules/@molecule")
  .map((name) => require(`@molecule/${name}/package.json`))
  .filter(({ exports }) => exports !== undefined);
const entries = manifests.flatMap(({ name, exports }) =>
  Object.keys(exports)
    .filter((path) => path !== "./package.json")
    .map((path) => name + path.slice(1)),
);
const differences = [];
for (const entry of entries) {
  const [imported, required] = [await import(entry), require(entry)];
  for (const key of Object.keys({ ...imported, ...required }))
    if (imported[key] !== required[key]) differences.push(`${entry}: ${key}`);
}

// The host is required, the plugin imported, and the error comes from the host.
const images = await require("@molecule/host").createImageProvider({
  cwd: process.cwd(),
  env: { MOLECULE_IMAGE_REGISTRY: "registry.example.com" },
  plugins: [registryPull],
});
const error = await images.ensure("nobody").catch((reason) => reason);
assert.ok(error instanceof ImageSourceError && isImageSourceError(error));
assert.equal(error.constructor.name, "ImageSourceError");
assert.equal(images.container.resolve(tokens.imageProvider), images);
await images.close();
console.log(JSON.stringify({ entries: entries.length, differences }));
