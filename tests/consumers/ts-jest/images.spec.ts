// Jest with ts-jest, which compiles to CommonJS.
import { isImageSourceError, type ImageProvider } from "@molecule/core";
import { createImageProvider } from "@molecule/host";
import registryPull from "@molecule/source-registry-pull";

let images: ImageProvider;
beforeAll(async () => {
  const env = { MOLECULE_IMAGE_REGISTRY: "registry.example.com/acme" };
  images = await createImageProvider({ cwd: __dirname, env, plugins: [registryPull] });
});
afterAll(() => images.close());

test("the registry is selected", () => {
  expect(images.selection).toMatchObject({ mode: "registry", source: "registry-pull" });
});

test("an unknown runtime is an ImageSourceError", async () => {
  const error: unknown = await images.ensure("nobody").catch((reason: unknown) => reason);
  expect(isImageSourceError(error) && error.code).toBe("RUNTIME_UNKNOWN");
});
