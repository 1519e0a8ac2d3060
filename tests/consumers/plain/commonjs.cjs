// A CommonJS application in JavaScript.
const assert = require("node:assert/strict");
const { ImageSourceError } = require("@molecule/core");
const { createImageProvider } = require("@molecule/host");
const { default: giteaLocalBuild } = require("@molecule/source-gitea-local-build");
const registryPull = require("@molecule/source-registry-pull");

async function main() {
  const images = await createImageProvider({
    cwd: process.cwd(),
    env: {},
    plugins: [registryPull, giteaLocalBuild],
  });
  assert.equal(images.selection.source, "gitea-local-build");
  await assert.rejects(
    images.ensure("nobody"),
    (error) => error instanceof ImageSourceError && error.code === "RUNTIME_UNKNOWN",
  );
  await images.close();
  console.log("consumed");
}

void main();
