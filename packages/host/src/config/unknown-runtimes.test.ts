import { expect, test } from "@jest/globals";
import type { Tree } from "../layers/config-layer.js";
import { shippedManifests } from "../plugins/shipped-manifests.js";
import { unknownRuntimes } from "./unknown-runtimes.js";

const of = (...files: readonly Tree[]): ReturnType<typeof unknownRuntimes> =>
  unknownRuntimes(
    files.map((values, index) => ({ origin: `${String(index)}.yaml`, values })),
    shippedManifests,
  );

test.each<[string, Tree, string]>([
  [
    "pins",
    { options: { "registry-pull": { pins: { hermess: "sha256:x" } } } },
    "options.registry-pull.pins.hermess",
  ],
  [
    "policies",
    { options: { "registry-pull": { pullPolicy: { hermess: "always" } } } },
    "options.registry-pull.pullPolicy.hermess",
  ],
  ["templates", { options: { podman: { templates: { hermess: {} } } } }, "options.podman.templates.hermess"],
  ["times", { timeout: { hermess: "1h" } }, "timeout.hermess"],
])("reports an unknown runtime in %s with its path and the closest name", (_what, values, path) => {
  expect(of({}, values)).toEqual([
    { where: "1.yaml", path, what: expect.stringContaining('"hermess" (did you mean "hermes"?)') },
  ]);
});

test("accepts runtimes of the allowlist, names added in either file, and the default", () => {
  const pullPolicy = { default: "missing", hermes: "always", "my-agent": "never" };
  expect(of({ options: { "registry-pull": { pullPolicy } } }, { runtimes: { add: ["my-agent"] } })).toEqual(
    [],
  );
  expect(of({ timeout: { default: "1h" } }, { timeout: "1h" })).toEqual([]);
});

test("rejects a default pin, and leaves malformed names to the schema", () => {
  expect(of({ options: { "registry-pull": { pins: { default: "sha256:x" } } } })).toHaveLength(1);
  expect(of({ options: { "registry-pull": { pins: { "Bad Name": "sha256:x" } } } })).toEqual([]);
});
