import type { ContainerEngine } from "../contract/container-engine.js";
import type { ImageInspection, PulledImage, PullRequest } from "../contract/engine-images.js";
import type { EngineCall } from "../contract/engine-call.js";
import { referenceByDigest } from "../values/image-reference.js";

/**
 * Returns the pulled image; undefined if it is gone. Looks it up by the ID or digest that the pull reported: the tag
 * may have moved since.
 */
export async function inspectPulled(
  engine: Pick<ContainerEngine, "inspectImage">,
  { reference, platform }: Pick<PullRequest, "reference" | "platform">,
  { digest, manifest, imageId }: PulledImage,
  { signal }: EngineCall,
): Promise<ImageInspection | undefined> {
  const call = { signal, platform };
  if (imageId !== undefined) return engine.inspectImage(imageId, call);
  const known = manifest ?? digest;
  if (known === undefined) return engine.inspectImage(reference, call);
  const named = await engine.inspectImage(referenceByDigest(reference, known), call);
  if (named !== undefined) return named;
  // In the containerd store a digest goes with the tag, and the image, whose ID is that digest, stays.
  const nameless = await engine.inspectImage(known, call);
  return nameless?.id === known ? nameless : undefined;
}
