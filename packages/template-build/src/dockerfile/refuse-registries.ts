import type { FileTree } from "../context/file-tree.js";
import { readSmallFile } from "../context/read-small-file.js";
import { templateInvalid } from "../context/template-invalid.js";
import { dockerfileImages, type ImageUse } from "./dockerfile-images.js";
import { imageRegistry } from "./image-registry.js";

/**
 * Throws `TEMPLATE_INVALID`, naming the line and the image, if building the Dockerfile may request an image from a
 * registry that is not in `allowed`, or an image that is not known before the build.
 */
export async function refuseRegistries(
  tree: FileTree,
  dockerfile: string,
  buildArgs: Readonly<Record<string, string>>,
  allowed: readonly string[],
): Promise<void> {
  const text = (await readSmallFile(tree, dockerfile)) ?? "";
  const hosts = new Set(allowed.map((host) => host.toLowerCase()));
  for (const use of dockerfileImages(text, buildArgs)) {
    const registry = imageRegistry(use);
    if (registry === undefined) throw undetermined(dockerfile, use);
    if (!hosts.has(registry.toLowerCase())) throw notAllowed(dockerfile, use, registry, allowed);
  }
}

const maxShown = 200;

function place(dockerfile: string, { line, by, written, image }: ImageUse): string {
  const shown = JSON.stringify((image ?? written).slice(0, maxShown));
  const where = line === undefined ? "" : `line ${String(line)} of ${dockerfile}: `;
  return `${where}${by}${written === "" ? "" : ` ${shown}`}`;
}

function undetermined(dockerfile: string, use: ImageUse): Error {
  return templateInvalid(
    `${place(dockerfile, use)} does not determine which image the builder requests`,
    "Use only variables from ARGs before the first FROM, or unset the option `allowedRegistries`.",
  );
}

function notAllowed(dockerfile: string, use: ImageUse, registry: string, allowed: readonly string[]): Error {
  const add = `add ${registry} to the option \`allowedRegistries\`.`;
  return templateInvalid(
    `${place(dockerfile, use)} uses the registry ${registry}, which is not allowed`,
    allowed.length === 0 ? `To allow it, ${add}` : `Use an image from ${allowed.join(", ")}, or ${add}`,
  );
}
