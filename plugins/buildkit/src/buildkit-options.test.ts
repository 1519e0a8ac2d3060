import { expect, test } from "@jest/globals";
import plugin from "./index.js";

const problems = async (options: Readonly<Record<string, unknown>>): Promise<readonly string[]> => {
  const result = await plugin.options?.["~standard"].validate(options);
  return (result?.issues ?? []).map(({ message, path = [] }) => {
    const keys = path.map((part) => (typeof part === "object" ? String(part.key) : String(part)));
    return `${keys.join(".")} ${message}`;
  });
};

const registry = "registry.example.com/team";

test.each([
  [{ into: "registry" }, ["registry is missing: `into: registry` needs HOST[:PORT]/PATH"]],
  [{ registry }, ["registry takes effect only with `into: registry`"]],
  [{ into: "engine", registry }, ["registry takes effect only with `into: registry`"]],
  [{ into: "registry", registry: "team" }, ["registry must be HOST[:PORT]/PATH, without a tag"]],
  [{ into: "registry", registry: `${registry}:v1` }, ["registry must be HOST[:PORT]/PATH, without a tag"]],
  [{ attest: { provenance: "max" } }, ["attest takes effect only with `into: registry`"]],
  [{ into: "registry", registry, attest: { provenance: "all" } }, ["attest.provenance must be min or max"]],
  [{ into: "registry", registry, attest: { sbom: "A B" } }, ["attest.sbom must be the image of a generator"]],
  [
    { into: "registry", registry, share: { registry } },
    ["share cannot be combined with `into: registry`, which shares every build"],
  ],
  [{ into: "registry", registry, attest: { provenance: "min", sbom: true } }, []],
])("%j: %j", async (options, expected) => {
  expect(await problems(options)).toEqual(expected);
});
