import { createHash } from "node:crypto";
import { tarOf } from "@molecule/testkit/internal";

/** A small image as a registry serves it. */
export interface ServedImage {
  readonly manifest: ServedPart;
  readonly config: ServedPart;
  readonly layers: readonly ServedPart[];
}

export interface ServedPart {
  readonly mediaType: string;
  readonly digest: string;
  readonly content: Buffer;
}

/** Options that make an image differ from others. */
export interface ServedImageOptions {
  readonly os?: string;
  readonly architecture?: string;
  /** The number of layers. Default: 1. */
  readonly depth?: number;
  readonly layerType?: string;
  /** Replaces the layer's archive. */
  readonly layer?: Buffer;
  /** Replaces the image's configuration. */
  readonly config?: Buffer;
  /** Replaces the layer's own digest in the configuration. */
  readonly diffId?: string;
}

const layerBytes = 200_000;

/** Returns an image whose layer differs from that of any other name. */
export function servedImage(name: string, options: ServedImageOptions = {}): ServedImage {
  const { os = "linux", architecture = "amd64", depth = 1, layerType = mediaTypes.layer } = options;
  const contents = Array.from(
    { length: depth },
    (_, index) =>
      options.layer ??
      tarOf({ [`x${String(index)}`]: noise(`${name} ${String(index)}`, layerBytes / depth) }),
  );
  const history = contents.map(() => ({ created: "1970-01-01T00:00:00Z", created_by: "a test" }));
  const diff_ids = contents.map((content) => options.diffId ?? digestOf(content));
  const described = {
    architecture,
    os,
    author: name,
    config: {},
    history,
    rootfs: { type: "layers", diff_ids },
  };
  const config = part(mediaTypes.config, options.config ?? Buffer.from(JSON.stringify(described)));
  const layers = contents.map((content) => part(layerType, content));
  const manifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config: descriptor(config),
    layers: layers.map(descriptor),
  };
  return { config, layers, manifest: part(mediaTypes.manifest, Buffer.from(JSON.stringify(manifest))) };
}

/** Returns an index that lists this image for these platforms. */
export function servedIndex(image: ServedPart, platforms: readonly string[]): ServedPart {
  const manifests = platforms.map((platform) => {
    const [os, architecture] = platform.split("/");
    return { ...descriptor(image), platform: { os, architecture } };
  });
  return part(
    mediaTypes.index,
    Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.index, manifests })),
  );
}

export const mediaTypes = {
  manifest: "application/vnd.oci.image.manifest.v1+json",
  index: "application/vnd.oci.image.index.v1+json",
  config: "application/vnd.oci.image.config.v1+json",
  layer: "application/vnd.oci.image.layer.v1.tar",
};

export function part(mediaType: string, content: Buffer): ServedPart {
  return { mediaType, digest: digestOf(content), content };
}

export function descriptor({ mediaType, digest, content }: ServedPart): object {
  return { mediaType, digest, size: content.length };
}

export function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

/** Incompressible bytes, the same for the same seed. */
function noise(seed: string, length: number): Buffer {
  const blocks = Array.from({ length: Math.ceil(length / 32) }, (_, index) =>
    createHash("sha256")
      .update(`${seed} ${String(index)}`)
      .digest(),
  );
  return Buffer.concat(blocks);
}
