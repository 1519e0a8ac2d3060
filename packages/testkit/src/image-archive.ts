import { createHash } from "node:crypto";
import { tarOf } from "./tar-of.js";

/** An image to write down without an engine. */
export interface ImageArchiveRequest {
  /** What the one layer holds, by path. */
  readonly files: Readonly<Record<string, string | Uint8Array>>;
  /** Names with tags that the archive gives to the image. Default: none. */
  readonly tags?: readonly string[];
  readonly architecture?: string;
  readonly labels?: Readonly<Record<string, string>>;
}

/** An image as an archive, for engines to load. */
export interface ImageArchive {
  /** As `docker save` writes it. */
  readonly bytes: Buffer;
  /** Hex, of the bytes. */
  readonly sha256: string;
  /** The digest of the configuration: the image's ID, except in Docker's containerd image store. */
  readonly imageId: string;
}

/** An archive with one small image, made without an engine. The same request makes the same bytes. */
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
