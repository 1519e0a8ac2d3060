import { platformOf, type ContainerEngine, type EngineCall, type ImageSummary } from "@molecule/core";
import { labelNames } from "@molecule/template-build";

/** One image of ours, as `list` prints it. */
export interface ListedImage {
  readonly runtime: string | null;
  /** Null for an image that has lost its name. */
  readonly reference: string | null;
  readonly tags: readonly string[];
  readonly imageId: string;
  readonly source: string | null;
  readonly revision: string | null;
  readonly buildKey: string | null;
  readonly platform: string;
  readonly sizeBytes: number;
  /** ISO 8601: when it got its name, or when it was made where the engine does not say. */
  readonly createdAt: string;
}

/** Newest first. */
export async function listImages(
  engine: ContainerEngine,
  prefix: string,
  runtimes: ReadonlySet<string>,
  call: EngineCall,
): Promise<ListedImage[]> {
  const namePattern = `${prefix}/workspace-template-*`;
  const [labelled, named] = await Promise.all([
    engine.listImages({ labels: [labelNames.runtime] }, call),
    engine.listImages({ reference: namePattern }, call),
  ]);
  const known = named.filter(({ tags }) => tags.some((tag) => runtimes.has(runtimeOf(tag, prefix) ?? "")));
  const byId = new Map([...labelled, ...known].map((image) => [image.id, image]));
  const images = await Promise.all([...byId.values()].map((image) => describe(image, prefix, engine, call)));
  return images.flat().sort((one, other) => (one.createdAt < other.createdAt ? 1 : -1));
}

async function describe(
  { id, labels, tags, sizeBytes, createdAt }: ImageSummary,
  prefix: string,
  engine: ContainerEngine,
  call: EngineCall,
): Promise<ListedImage[]> {
  const image = await engine.inspectImage(id, call);
  // Removed since it was listed.
  if (image === undefined) return [];
  const reference = tags.find((tag) => !/:latest(?:-|$)/.test(tag)) ?? tags[0] ?? null;
  return [
    {
      runtime: labels[labelNames.runtime] ?? runtimeOf(reference ?? "", prefix) ?? null,
      reference,
      tags,
      imageId: id,
      source: labels[labelNames.source] ?? null,
      revision: labels[labelNames.revision] ?? null,
      buildKey: labels[labelNames.buildKey] ?? null,
      platform: platformOf(image),
      sizeBytes,
      createdAt: image.taggedAt ?? new Date(createdAt * 1000).toISOString(),
    },
  ];
}

/** `<prefix>/workspace-template-<runtime>:<tag>` → the runtime. */
function runtimeOf(reference: string, prefix: string): string | undefined {
  const start = `${prefix}/workspace-template-`;
  return reference.startsWith(start) ? reference.slice(start.length).split(/[:@]/, 1)[0] : undefined;
}
