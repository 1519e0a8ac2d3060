import { describe, test } from "@jest/globals";
import { createStore } from "@molecule/node-edges";
import { forgeUpstream, imageSourceSuite, type ForgeVariant } from "@molecule/testkit";
import plugin from "./index.js";

/*
 * The laws with the options that change how a template is found and built. The engine is in memory; the suite with a real
 * one is in gitea-local-build.conformance.engine.test.ts.
 */

const everyOption: ForgeVariant = {
  forge: "git",
  pinned: true,
  options: { target: "app", buildArgsFrom: { RUNTIME_VERSION: "version.txt" }, buildArgs: { MODE: "test" } },
  files: (version) => ({
    "version.txt": `${version}\n`,
    Dockerfile: "ARG RUNTIME_VERSION\nFROM scratch AS app\nARG MODE\nCOPY . /app\nFROM scratch\n",
  }),
};

describe("a pinned commit with a target and arguments from files follows the laws of sources", () => {
  imageSourceSuite({
    test: (name, body) => test(name, body, 240_000),
    source: plugin,
    store: (directory) => createStore({ directory, env: {} }),
    upstream: (world) => forgeUpstream(world, everyOption),
  });
});
