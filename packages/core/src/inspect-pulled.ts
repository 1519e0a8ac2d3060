import type {
  ContainerEngine,
  EngineCall,
  ImageInspection,
  PulledImage,
  PullRequest,
} from "./container-engine.js";
import { parseImageReference } from "./image-reference.js";

/**
 * Returns the image that a pull brought; undefined when it is gone. By its ID or digest where the engine said one: the tag
 * may have moved since.
 */
export function inspectPulled(
  engine: Pick<ContainerEngine, "inspectImage">,
  { reference, platform }: Pick<PullRequest, "reference" | "platform">,
  { digest, manifest, imageId }: PulledImage,
  { signal }: EngineCall,
): Promise<ImageInspection | undefined> {
  return engine.inspectImage(imageId ?? withDigest(reference, manifest ?? digest), { signal, platform });
}

/** The same repository by that digest; without one, the reference itself. */
function withDigest(reference: string, digest: string | undefined): string {
  if (digest === undefined) return reference;
  const { registry, repository } = parseImageReference(reference);
  return `${registry}/${repository}@${digest}`;
}
