import { putManifest, type ImageContent } from "./put-manifest.js";
import { registryUpload, type RegistryUpload, type UploadPlace } from "./registry-upload.js";

/** An index of images for several platforms, to push to a registry without an engine. */
export interface PutIndexRequest extends UploadPlace {
  /** Default: `latest`. */
  readonly tag?: string;
  readonly images: readonly ImageContent[];
}

/** An index in a registry. */
export interface StoredIndex {
  /** The reference by tag. */
  readonly reference: string;
  /** The digest of the index. */
  readonly digest: string;
  /** In the order of the request. */
  readonly manifests: readonly { readonly digest: string; readonly configDigest: string }[];
}

/**
 * Pushes an index to a registry, without an engine. Like BuildKit's, it contains an attestation for each image, with
 * the platform `unknown/unknown`.
 */
export async function putIndex(request: PutIndexRequest): Promise<StoredIndex> {
  const { host, repository, tag = "latest", images } = request;
  const upload = registryUpload(request);
  const stored = [];
  const manifests = [];
  for (const image of images) {
    const { configDigest, ...descriptor } = await putManifest(upload, image);
    stored.push({ digest: descriptor.digest, configDigest });
    const { architecture = "amd64", variant } = image;
    const platform = { os: "linux", architecture, ...(variant === undefined ? {} : { variant }) };
    manifests.push({ ...descriptor, platform }, await attestation(upload, descriptor.digest));
  }
  const mediaType = "application/vnd.oci.image.index.v1+json";
  const { digest } = await upload.manifest({ schemaVersion: 2, mediaType, manifests }, tag);
  return { reference: `${host}/${repository}:${tag}`, digest, manifests: stored };
}

async function attestation(upload: RegistryUpload, subject: string): Promise<object> {
  const statement = Buffer.from(
    JSON.stringify({ predicateType: "https://slsa.dev/provenance/v0.2", subject }),
  );
  const config = Buffer.from(JSON.stringify({ os: "unknown", architecture: "unknown", subject }));
  const mediaType = "application/vnd.oci.image.manifest.v1+json";
  const manifest = {
    schemaVersion: 2,
    mediaType,
    config: { mediaType: "application/vnd.oci.image.config.v1+json", ...(await upload.blob(config)) },
    layers: [{ mediaType: "application/vnd.in-toto+json", ...(await upload.blob(statement)) }],
  };
  return {
    mediaType,
    ...(await upload.manifest(manifest)),
    platform: { os: "unknown", architecture: "unknown" },
    annotations: {
      "vnd.docker.reference.digest": subject,
      "vnd.docker.reference.type": "attestation-manifest",
    },
  };
}
