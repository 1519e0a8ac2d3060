import { isPlatform, type ImageInspection, type Resolution } from "@molecule/core";

/**
 * The labels of every image built here; one built from a working copy has no revision. All but `managedBy` decide whether
 * it is the requested one.
 */
export const labelNames = {
  revision: "org.opencontainers.image.revision",
  source: "org.opencontainers.image.source",
  runtime: "molecule.image.runtime",
  buildKey: "molecule.image.build-key",
  managedBy: "molecule.image.managed-by",
} as const;

const deciding = ["revision", "source", "runtime", "buildKey"] as const;

export type ImageLabels = Readonly<Record<Exclude<keyof typeof labelNames, "revision">, string>> & {
  readonly revision?: string | undefined;
};

export function asEngineLabels(labels: ImageLabels): Record<string, string> {
  const names = Object.keys(labelNames) as (keyof typeof labelNames)[];
  return Object.fromEntries(
    names.flatMap((name) => (labels[name] === undefined ? [] : [[labelNames[name], labels[name]] as const])),
  );
}

/** Returns how the image differs from these labels and this platform; undefined if it matches. */
export function differsFrom(
  image: ImageInspection,
  labels: ImageLabels,
  platform: Resolution["platform"],
): string | undefined {
  for (const name of deciding) {
    // Without a revision, the build key decides: a base image may have a revision label of its own, which is inherited.
    if (labels[name] === undefined) continue;
    const seen = image.labels[labelNames[name]];
    if (seen === undefined) return `its label ${labelNames[name]} is missing`;
    if (seen !== labels[name]) return `its label ${labelNames[name]} is ${seen}, not ${labels[name]}`;
  }
  if (isPlatform(image, platform)) return undefined;
  const seen = [image.os, image.architecture, image.variant].filter((part) => part !== "").join("/");
  return `it is for ${seen}, not ${platform}`;
}
