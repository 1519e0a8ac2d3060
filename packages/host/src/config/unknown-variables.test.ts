import { expect, test } from "@jest/globals";
import { mergeLayers } from "../layers/merge-layers.js";
import { explicitOptions } from "../layers/explicit-options.js";
import { shippedManifests } from "../plugins/shipped-manifests.js";
import { knownVariables, unknownVariables } from "./unknown-variables.js";

const nothing = explicitOptions(mergeLayers([]));

test.each([
  ["MOLECULE_IMAGE_REGISTY", "MOLECULE_IMAGE_REGISTRY"],
  ["MOLECULE_image_registry", "MOLECULE_IMAGE_REGISTRY"],
  ["MOLECULE_REGISTRY", undefined],
  ["MOLECULE_GITEA_TOKN", "MOLECULE_GITEA_TOKEN"],
  ["MOLECULE_LOCAL_BUILD", "MOLECULE_LOCAL_BUILD_CACHE"],
  ["MOLECULE_WORKSPACE_ID", undefined],
])("reports %s as unknown, with the closest match %s", (name, likely) => {
  expect(unknownVariables({ [name]: "x", PATH: "/bin" }, nothing, shippedManifests)).toEqual([
    { name, likely },
  ]);
});

test("accepts known variables, empty ones, and those of tests and other programs", () => {
  const env = {
    ...Object.fromEntries(knownVariables(shippedManifests).map((name) => [name, "x"])),
    MOLECULE_NOTHING: "",
    MOLECULE_UNSET: undefined,
    MOLECULE_TEST_ENGINE: "unix:///x",
    MOLECULE_NO_ENGINE: "1",
    XMOLECULE_X: "1",
  };
  expect(unknownVariables(env, nothing, shippedManifests)).toEqual([]);
});

const secrets = { npm: { env: "MOLECULE_NPM" }, key: { file: "/k" } };
test.each([{ secrets }, { templates: { codex: {}, hermes: { secrets } } }])(
  "accepts a variable that a build secret names: %j",
  (options) => {
    const values = { options: { podman: options } };
    const explicit = explicitOptions(mergeLayers([{ origin: "a.yaml", values }]));
    expect(
      unknownVariables({ MOLECULE_NPM: "x", MOLECULE_NPX: "y" }, explicit, shippedManifests),
    ).toMatchObject([{ name: "MOLECULE_NPX" }]);
  },
);
