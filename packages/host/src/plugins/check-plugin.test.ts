import { expect, test } from "@jest/globals";
import { isImageSourceError, type ImageSourceError } from "@molecule/core";
import { checkPlugin } from "./check-plugin.js";

const written = (apiVersion: number): unknown => ({
  name: "acme",
  apiVersion,
  modes: ["local"],
  create: () => ({}),
});
const served = { oldest: 2, newest: 4 };

function refusal(apiVersion: number): ImageSourceError {
  try {
    checkPlugin(written(apiVersion), "/p/acme.mjs", served);
  } catch (error) {
    if (isImageSourceError(error)) return error;
    throw error;
  }
  throw new Error("it was accepted");
}

test("accepts what a require of a compiled module returns", () => {
  const plugin = written(1);
  expect(checkPlugin({ __esModule: true, default: plugin }, "a plugin passed by the caller")).toBe(plugin);
});

test.each([2, 3, 4])("a host with apiVersion 2 to 4 accepts a plugin for %d", (apiVersion) => {
  expect(checkPlugin(written(apiVersion), "/p/acme.mjs", served)).toMatchObject({ apiVersion });
});

test.each([
  [1, "Update acme to a release for apiVersion 4."],
  [5, "Update molecule-image, or install a release of acme for apiVersion 4."],
])("rejects a plugin for apiVersion %d, naming both versions and what to update", (apiVersion, hint) => {
  expect(refusal(apiVersion)).toMatchObject({
    code: "PLUGIN_INVALID",
    message: `/p/acme.mjs cannot be used: acme is written for apiVersion ${String(apiVersion)}, but this host supports 2 to 4`,
    hint,
  });
});

test.each([
  [
    { capabilities: ["recalable"] },
    'capabilities of acme: "recalable" is not a capability (did you mean "recallable"?)',
  ],
  [
    { callOptions: ["revison"] },
    'callOptions of acme: "revison" is not an option of a call (did you mean "revision"?)',
  ],
  [{ capabilities: "prunable" }, 'capabilities of acme is "prunable", not a list of capabilities'],
  [{ variables: ["ACME_TOKEN"] }, 'variables of acme is ["ACME_TOKEN"], not a list of { name }'],
  [{ runtimeOptions: ["pins"] }, 'runtimeOptions of acme is ["pins"], not a list of { option }'],
  [
    { runtimeOptions: [{ option: "recipes", workingCopy: { path: "dir", replaces: "url" } }] },
    "a workingCopy is { path, replaces: [...] }",
  ],
  [{ optionVariables: "key" }, 'optionVariables of acme is "key", not a list of dotted paths'],
])("rejects the declaration %j", (declared, problem) => {
  expect(() => checkPlugin({ ...(written(1) as object), ...declared }, "/p/acme.mjs")).toThrow(problem);
});
