import type { ContainerEngine } from "@molecule/core";
import { loadImage, push } from "./engine-requests.test.support.js";

/** Publishes a new image under that name, and removes it from the engine. */
export async function publish(
  engine: ContainerEngine,
  address: string,
  reference: string,
  architecture = "amd64",
): Promise<{ imageId: string; digest: string }> {
  const imageId = await loadImage(address, reference, architecture);
  const digest = await push(address, reference);
  await engine.removeImage(reference);
  return { imageId, digest };
}
