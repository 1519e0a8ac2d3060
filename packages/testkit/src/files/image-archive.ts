import { createHash } from "node:crypto";
import { tarOf } from "./tar-of.js";

/** An image to create without an engine. */
export interface ImageArchiveRequest {
  /** The contents of the single layer, by path. */
  readonly files: Readonly<Record<string, string | Uint8Array>>;
  /** The names with tags that the archive gives the image. Default: none. */
  readonly tags?: readonly string[];
  readonly architecture?: string;
  readonly labels?: Readonly<Record<string, string>>;
}

/** An image as an archive that engines can load. */
export interface ImageArchive {
  /** In `docker save` format. */
  readonly bytes: Buffer;
  /** The digest of the bytes, in hex. */
  readonly sha256: string;
  /** The digest of the configuration. This is the image's ID, except in Docker's containerd image store. */
  readonly imageId: string;
}

/** Returns an archive with one small image, made without an engine. The same request gives the same bytes. */
export function imageArchive(request: ImageArchiveRequest): ImageArchive {
  const { files, tags = [], architecture = "amd64", labels } = request;
  const layer = tarOf(files);
  const config = JSON.stringify({
    architecture,
    os: "linux",
    config: labels === undefined ? {} : { Labels: labels },
    rootfs: { type: "layers", diff_ids: [`sha256:${sha256(layer)}`] },
  });
  const id = sha256(config);
  const manifest = [
    { Config: `${id}.json`, RepoTags: tags.length === 0 ? null : tags, Layers: ["layer.tar"] },
  ];
  const bytes = tarOf({
    [`${id}.json`]: config,
    "layer.tar": layer,
    "manifest.json": JSON.stringify(manifest),
  });
  return { bytes, sha256: sha256(bytes), imageId: `sha256:${id}` };
}

function sha256(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}
