import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { ImageSourceError } from "@molecule/core";
import type { MemoryImage } from "./memory-image.js";
import { readTar } from "./read-tar.js";

interface Manifest {
  readonly Config: string;
  readonly RepoTags: readonly string[] | null;
  readonly Layers: readonly string[];
}

interface Config {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
  readonly config?: { readonly Labels?: Readonly<Record<string, string>> | null };
}

interface Loaded {
  readonly image: MemoryImage;
  readonly tags: readonly string[];
}

/** Returns the images of a `docker save` archive. Rejects with `SOURCE_MALFORMED` if it is not one. */
export async function readArchive(archive: Readable): Promise<readonly Loaded[]> {
  const files = await readTar(archive);
  try {
    const manifests = JSON.parse(textOf(files, "manifest.json")) as readonly Manifest[];
    return await Promise.all(manifests.map((manifest) => readImage(files, manifest)));
  } catch (error) {
    throw new ImageSourceError({
      code: "SOURCE_MALFORMED",
      message: `the loaded data is not an image archive: ${String(error).split("\n", 1)[0] ?? ""}`,
      hint: "Create the archive with `docker save`.",
      cause: error,
    });
  }
}

async function readImage(files: ReadonlyMap<string, Buffer>, manifest: Manifest): Promise<Loaded> {
  const written = textOf(files, manifest.Config);
  const { os, architecture, variant = "", config } = JSON.parse(written) as Config;
  const layers = await Promise.all(
    manifest.Layers.map((layer) => readTar(Readable.from([files.get(layer) ?? Buffer.alloc(0)]))),
  );
  const message = layers.map((layer) => layer.get("message.txt")).findLast((text) => text !== undefined);
  const image: MemoryImage = {
    id: `sha256:${createHash("sha256").update(written).digest("hex")}`,
    os,
    architecture,
    variant,
    labels: config?.Labels ?? {},
    digests: [],
    sizeBytes: 0,
    taggedAt: null,
    prints: message?.toString("utf8") ?? "",
  };
  return { image, tags: manifest.RepoTags ?? [] };
}

function textOf(files: ReadonlyMap<string, Buffer>, name: string): string {
  const content = files.get(name);
  if (content === undefined) throw new SyntaxError(`${name} is missing`);
  return content.toString("utf8");
}
