import { describe, expect, test } from "@jest/globals";
import { resolveRegistrySource } from "../values/registry-source.js";
import { assertServesMode, defaultSources, selectSource } from "./select-source.js";

const withRegistry = resolveRegistrySource({ MOLECULE_IMAGE_REGISTRY: "r.example.com" });
const without = resolveRegistrySource({});

describe("the mode chooses the source", () => {
  test.each([
    [withRegistry, "registry", "registry-pull"],
    [without, "local", "gitea-local-build"],
    [resolveRegistrySource({ MOLECULE_IMAGE_REGISTRY: "garbage!" }), "registry", "registry-pull"],
  ])("by default: %j", (registry, mode, source) => {
    expect(selectSource(registry, defaultSources, "default")).toMatchObject({ mode, source });
  });

  test("uses the configured source, for its mode only", () => {
    const sources = { ...defaultSources, local: "podman" };
    expect(selectSource(without, sources, ".moleculerc").source).toBe("podman");
    expect(selectSource(withRegistry, sources, ".moleculerc").source).toBe("registry-pull");
  });
});

test.each([
  [withRegistry, "MOLECULE_IMAGE_REGISTRY is set, and sources.registry is registry-pull (default)"],
  [without, "MOLECULE_IMAGE_REGISTRY is not set, and sources.local is gitea-local-build (default)"],
])("a selection states its reason: %j", (registry, because) => {
  expect(selectSource(registry, defaultSources, "default").because).toBe(because);
});

describe("a plugin serves only the modes that it declares", () => {
  const plugin = { name: "podman", modes: ["local"] } as const;

  test("accepts it for a declared mode", () => {
    const selection = selectSource(without, { ...defaultSources, local: "podman" }, ".moleculerc");
    expect(() => {
      assertServesMode(plugin, selection);
    }).not.toThrow();
  });

  test("rejects it for another mode with CONFIG_INVALID, naming the key and the plugin", () => {
    const selection = selectSource(withRegistry, { ...defaultSources, registry: "podman" }, ".moleculerc");
    expect(() => {
      assertServesMode(plugin, selection);
    }).toThrow(
      expect.objectContaining({
        code: "CONFIG_INVALID",
        message: expect.stringMatching(/sources\.registry.*podman/),
      }),
    );
  });
});
