// An application of ES modules in JavaScript.
import assert from "node:assert/strict";
import { ImageSourceError } from "@molecule/core";
import { createImageProvider } from "@molecule/host";
import giteaLocalBuild from "@molecule/source-gitea-local-build";
import registryPull from "@molecule/source-registry-pull";

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
