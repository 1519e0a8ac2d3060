import type { FileTree } from "../context/file-tree.js";
import { readSmallFile } from "../context/read-small-file.js";
import { dockerfileImages } from "./dockerfile-images.js";
import { imageRegistry } from "./image-registry.js";

/**
 * Returns the hosts of the registries whose images the Dockerfile uses, without duplicates: a builder that does not
 * request credentials needs them up front. Registries of frontends are left out, because such a builder has no frontends.
 */
export async function baseRegistries(
  tree: FileTree,
  dockerfile: string,
  buildArgs: Readonly<Record<string, string>>,
): Promise<readonly string[]> {
  const text = (await readSmallFile(tree, dockerfile)) ?? "";
  const hosts = dockerfileImages(text, buildArgs)
    .filter(({ by }) => /^[A-Z]/.test(by))
    .map(imageRegistry);
  return [...new Set(hosts.filter((host) => host !== undefined))];
}
