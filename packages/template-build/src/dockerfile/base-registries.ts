import { readSmallFile } from "../context/read-small-file.js";
import { dockerfileImages } from "./dockerfile-images.js";
import { imageRegistry } from "./image-registry.js";

/**
 * The hosts of the registries that the Dockerfile uses images of, each once: a builder needs credentials
 * of that does not ask for them. Those of frontends are not among them, for such a builder has none.
 */
export async function baseRegistries(
  directory: string,
  dockerfile: string,
  buildArgs: Readonly<Record<string, string>>,
): Promise<readonly string[]> {
  const text = (await readSmallFile(directory, dockerfile)) ?? "";
  const hosts = dockerfileImages(text, buildArgs)
    .filter(({ by }) => /^[A-Z]/.test(by))
    .map(imageRegistry);
  return [...new Set(hosts.filter((host) => host !== undefined))];
}
