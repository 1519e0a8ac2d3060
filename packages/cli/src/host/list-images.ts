import {
  parseImageReference,
  parseRegistryPrefix,
  tryParse,
  platformOf,
  type ContainerEngine,
  type EngineCall,
  type ImageSummary,
} from "@molecule/core";
import type { PluginImageNames } from "@molecule/host";
import { labelNames, revisionOf } from "@molecule/template-build";

/** An image as `list` prints it. */
export interface ListedImage {
  readonly runtime: string | null;
  /** Null for an untagged image. */
  readonly reference: string | null;
  readonly tags: readonly string[];
  readonly imageId: string;
  readonly source: string | null;
  readonly revision: string | null;
  readonly buildKey: string | null;
  readonly platform: string;
  readonly sizeBytes: number;
  /** When it was tagged, in ISO 8601; when it was created, if the engine does not report that. */
  readonly createdAt: string;
}

/** The names of images without our labels. */
export interface ImageNames {
  /** The value of `MOLECULE_IMAGE_REGISTRY`, or its default. */
  readonly prefix: string;
  readonly imageNames: readonly PluginImageNames[];
}

/** Lists images with our labels and images of known runtimes under the prefix or of plugins, newest first. */
export async function listImages(
  engine: ContainerEngine,
  { prefix, imageNames }: ImageNames,
  runtimes: ReadonlySet<string>,
  call: EngineCall,
): Promise<ListedImage[]> {
  const starts = [
    { start: tryParse(parseRegistryPrefix, prefix)?.startOfNames, source: null },
    ...imageNames.map(({ start, source }) => ({ start: asPrinted(start), source })),
  ]
    .filter((one): one is StartOfNames => one.start !== undefined)
    // The longest first, because one may start with another.
    .sort((one, other) => other.start.length - one.start.length);
  const [labelled, ...named] = await Promise.all([
    engine.listImages({ labels: [labelNames.runtime] }, call),
    ...starts.map(({ start }) => engine.listImages({ reference: `${start}*` }, call)),
  ]);
  const isKnown = (name: string): boolean => runtimes.has(nameIn(name, starts)?.runtime ?? "");
  // A pinned image has no tag.
  const known = named.flat().filter(({ tags, digests }) => [...tags, ...digests].some(isKnown));
  const byId = new Map([...labelled, ...known].map((image) => [image.id, image]));
  const images = await Promise.all([...byId.values()].map((image) => describe(image, starts, engine, call)));
  return images.flat().sort((one, other) => other.createdAt.localeCompare(one.createdAt));
}

async function describe(
  { id, tags, digests, sizeBytes, createdAt, platforms = [] }: ImageSummary,
  starts: readonly StartOfNames[],
  engine: ContainerEngine,
  call: EngineCall,
): Promise<ListedImage[]> {
  const pulled = digests.find((digest) => nameIn(digest, starts) !== undefined);
  const reference = tags.find((tag) => !isAlias(tag)) ?? tags[0] ?? pulled ?? null;
  const name = nameIn(reference ?? "", starts);
  const inspections = await Promise.all(
    // Some engines store an index as one image, with a variant for each pulled platform.
    (platforms.length === 0 ? [undefined] : platforms).map((platform) =>
      engine.inspectImage(id, { signal: call.signal, platform }),
    ),
  );
  return (
    inspections
      // Undefined if removed since it was listed.
      .filter((image) => image !== undefined)
      .map(({ labels, taggedAt, ...platform }) => ({
        runtime: labels[labelNames.runtime] ?? name?.runtime ?? null,
        reference,
        tags,
        imageId: id,
        source: labels[labelNames.source] ?? name?.source ?? null,
        revision: revisionOf(labels, tags),
        buildKey: labels[labelNames.buildKey] ?? null,
        platform: platformOf(platform),
        sizeBytes,
        createdAt: taggedAt ?? new Date(createdAt * 1000).toISOString(),
      }))
  );
}

/** Whether the tag is an alias of the newest image: `…:latest` or `…:dev`, optionally with a suffix. */
export function isAlias(tag: string): boolean {
  return /:latest(?:-|$)|:dev(?!-[0-9a-f]{12}(?:-|$))(?:-|$)/.test(tag);
}

const oneImage = "x:1";

/** Returns the start of names as engines print it, so without `docker.io/`; undefined if no name can start with it. */
function asPrinted(start: string): string | undefined {
  return tryParse(parseImageReference, start + oneImage)?.familiar.slice(0, -oneImage.length);
}

/** The start of the names of images, as engines print it, and the source that declares it. */
interface StartOfNames {
  readonly start: string;
  readonly source: string | null;
}

/** Returns the runtime and the source of `<start><runtime>:<tag>`; undefined if no start fits. */
function nameIn(
  reference: string,
  starts: readonly StartOfNames[],
): { readonly runtime: string; readonly source: string | null } | undefined {
  const found = starts.find(({ start }) => reference.startsWith(start));
  if (found === undefined) return undefined;
  const [runtime = ""] = reference.slice(found.start.length).split(/[:@]/, 1);
  return { runtime, source: found.source };
}
