import { tarOf } from "@molecule/testkit/internal";
import { digestOf, type RegistryUpload, type Stored } from "./registry-upload.js";

/** The contents of an image. */
export interface ImageContent {
  /** The contents of the single layer, by path. */
  readonly files: Readonly<Record<string, string | Uint8Array>>;
  /** Default: `amd64`. */
  readonly architecture?: string;
  readonly variant?: string;
  /** Command, labels and so on, with the names that the image's configuration uses. Default: none. */
  readonly config?: Readonly<Record<string, unknown>>;
}

/** A manifest in a registry, and the digest of its configuration, which is the image's ID on a graph driver. */
export interface StoredManifest extends Stored {
  readonly mediaType: string;
  readonly configDigest: string;
}

const mediaType = "application/vnd.docker.distribution.manifest.v2+json";

/** Uploads an image for one platform. @param name a tag; default: the manifest's own digest */
export async function putManifest(
  upload: RegistryUpload,
  { files, architecture = "amd64", variant, config = {} }: ImageContent,
  name?: string,
): Promise<StoredManifest> {
  const layer = tarOf(files);
  const configuration = Buffer.from(
    JSON.stringify({
      architecture,
      ...(variant === undefined ? {} : { variant }),
      os: "linux",
      config,
      // buildah counts these together with the layers.
      history: [{ created: "1970-01-01T00:00:00Z", created_by: "a test" }],
      rootfs: { type: "layers", diff_ids: [digestOf(layer)] },
    }),
  );
  const stored = await upload.blob(configuration);
  const manifest = {
    schemaVersion: 2,
    mediaType,
    config: { mediaType: "application/vnd.docker.container.image.v1+json", ...stored },
    layers: [{ mediaType: "application/vnd.docker.image.rootfs.diff.tar", ...(await upload.blob(layer)) }],
  };
  return { mediaType, configDigest: stored.digest, ...(await upload.manifest(manifest, name)) };
}
