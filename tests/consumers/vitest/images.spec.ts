import { ImageSourceError, type ImageProvider } from "@molecule/core";
import { createImageProvider } from "@molecule/host";
import registryPull from "@molecule/source-registry-pull";
import { afterAll, beforeAll, expect, test } from "vitest";

let images: ImageProvider;
beforeAll(async () => {
  const env = { MOLECULE_IMAGE_REGISTRY: "registry.example.com/acme" };
  images = await createImageProvider({ cwd: process.cwd(), env, plugins: [registryPull] });
});
afterAll(() => images.close());

test("the registry is selected", () => {
  expect(images.selection).toMatchObject({ mode: "registry", source: "registry-pull" });
});

test("an unknown runtime is an ImageSourceError", async () => {
  await expect(images.ensure("nobody")).rejects.toThrow(ImageSourceError);
});
