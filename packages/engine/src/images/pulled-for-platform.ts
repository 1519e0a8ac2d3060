import {
  isImageSourceError,
  isPlatform,
  parseImageReference,
  type EngineCall,
  type ImageSourceError,
  type Platform,
  type PulledImage,
  type PullRequest,
} from "@molecule/core";
import { hasLeft } from "../connection/cancellation.js";
import type { EngineConnection } from "../connection/engine-connection.js";
import { inspectImage } from "./image-calls.js";
import type { Transfer, Transferred } from "./transfer.js";
import { queryManifest, type ManifestQuery } from "../registry/query-manifest.js";

interface PullServices {
  readonly transfer: Transfer;
  readonly manifestQuery: ManifestQuery | undefined;
}

/**
 * Returns where Docker stored the image that was pulled. A graph driver keeps the first image of an index under the
 * index's digest, and the containerd store before API 1.49 shows only the host's platform. An image for another
 * platform is therefore pulled again by the digest of its own manifest (0052).
 */
export async function pulledForPlatform(
  connection: EngineConnection,
  { reference, platform }: Pick<PullRequest, "reference" | "platform">,
  { digest, hasDigestConflict }: Transferred,
  { transfer, manifestQuery }: PullServices,
  call: EngineCall,
): Promise<PulledImage> {
  if (digest === undefined || platform === undefined) return { digest };
  const { registry, repository, tag, digest: pin } = parseImageReference(reference);
  const named = (one: string): string => `${registry}/${repository}@${one}`;
  const image = await inspectImage(connection, named(digest), { ...call, platform });
  if (!hasDigestConflict && (image === undefined || isPlatform(image, platform))) return { digest };
  let failure: ImageSourceError | undefined;
  try {
    const manifest = await manifestFor(named(digest), platform, manifestQuery, call);
    if (manifest !== undefined) {
      await transfer(named(manifest));
      return { digest, manifest };
    }
  } catch (error) {
    if (hasLeft(call.signal) || !isImageSourceError(error)) throw error;
    failure = error;
  }
  // A graph driver has moved the tag to the pulled image.
  const tagged = tag !== null && pin === null ? await inspectImage(connection, reference, call) : undefined;
  if (tagged !== undefined && isPlatform(tagged, platform)) return { digest, imageId: tagged.id };
  if (failure !== undefined) throw unresolved(failure, reference, platform);
  return { digest };
}

/**
 * Undefined for the manifest of a single image, for an index without the platform, and if the registry cannot be
 * queried.
 */
async function manifestFor(
  index: string,
  platform: Platform,
  manifestQuery: ManifestQuery | undefined,
  call: EngineCall,
): Promise<string | undefined> {
  if (manifestQuery === undefined) return undefined;
  const { images } = await queryManifest(index, manifestQuery, call);
  return images.find((image) => isPlatform(image.platform, platform))?.digest;
}

function unresolved(error: ImageSourceError, reference: string, platform: Platform): ImageSourceError {
  return error.with({
    message: `cannot find the manifest of ${reference} for ${platform}: ${error.message}`,
    hint: `Give this machine access to the registry, or pin the digest of the manifest for ${platform}.`,
  });
}
