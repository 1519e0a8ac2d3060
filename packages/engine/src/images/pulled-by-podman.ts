import {
  isPlatform,
  parseImageReference,
  platformOf,
  type EngineCall,
  type ImageInspection,
  type PulledImage,
  type PullRequest,
} from "@molecule/core";
import { hasLeft } from "../connection/cancellation.js";
import type { EngineConnection } from "../connection/engine-connection.js";
import { inspectImage } from "./image-calls.js";
import type { Transferred } from "./transfer.js";
import { queryManifest, type ManifestQuery } from "../registry/query-manifest.js";
import type { RegistryManifest } from "../registry/read-manifest.js";

/**
 * Returns the image that Podman pulled. Podman reports the image's ID but no digest, and lists an index's image under
 * both digests in no particular order. Only the registry knows which of them the reference resolved to.
 */
export async function pulledByPodman(
  connection: EngineConnection,
  { reference, platform }: Pick<PullRequest, "reference" | "platform">,
  { digest, arrived = "" }: Transferred,
  manifestQuery: ManifestQuery | undefined,
  call: EngineCall,
): Promise<PulledImage> {
  const named = /^[0-9a-f]{12,64}$/.test(arrived) ? await inspectImage(connection, arrived, call) : undefined;
  const matches =
    named?.id.startsWith(`sha256:${arrived}`) === true &&
    (platform === undefined || isPlatform(named, platform));
  const image = matches ? named : await inspectImage(connection, reference, call);
  if (image === undefined) return { digest };
  const resolved = digest ?? (await resolvedDigest(reference, image, manifestQuery, call));
  return { digest: resolved, imageId: image.id };
}

async function resolvedDigest(
  reference: string,
  image: ImageInspection,
  manifestQuery: ManifestQuery | undefined,
  call: EngineCall,
): Promise<string | undefined> {
  const { digest: pin } = parseImageReference(reference);
  const [first, ...more] = digestsIn(image, reference);
  if (pin !== null || (first !== undefined && more.length === 0)) return pin ?? first;
  if (manifestQuery === undefined) return undefined;
  try {
    const manifest = await queryManifest(reference, manifestQuery, call);
    const matches =
      first === undefined
        ? await isOf(image, reference, manifest, manifestQuery, call)
        : [first, ...more].includes(manifest.digest);
    return matches ? manifest.digest : undefined;
  } catch (error) {
    if (hasLeft(call.signal)) throw error;
    // The image exists; only its digest is unknown.
    return undefined;
  }
}

/**
 * Whether the registry's manifest is that of the image. An image whose names moved to another platform's image has no
 * digests, but its ID is the digest of its configuration.
 */
async function isOf(
  image: ImageInspection,
  reference: string,
  { images, config }: RegistryManifest,
  manifestQuery: ManifestQuery,
  call: EngineCall,
): Promise<boolean> {
  if (images.length === 0) return config === image.id;
  const { registry, repository } = parseImageReference(reference);
  const listed = images.find(({ platform }) => isPlatform(image, platformOf(platform)));
  if (listed === undefined) return false;
  const own = await queryManifest(`${registry}/${repository}@${listed.digest}`, manifestQuery, call);
  return own.config === image.id;
}

function digestsIn({ digests }: ImageInspection, reference: string): readonly string[] {
  const { registry, repository } = parseImageReference(reference);
  return digests
    .map(parseImageReference)
    .filter((one) => one.registry === registry && one.repository === repository)
    .flatMap(({ digest }) => (digest === null ? [] : [digest]));
}
