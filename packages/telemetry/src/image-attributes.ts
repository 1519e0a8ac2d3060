import type { Attributes } from "@opentelemetry/api";
import type { EnsuredImage, Plan } from "@molecule/core";

/** Returns the attributes of an image, named by OpenTelemetry's conventions. */
export function imageAttributes(image: EnsuredImage | Plan): Attributes {
  const { name, tag } = parts(image.reference);
  return {
    "container.image.name": name,
    ...(tag === undefined ? {} : { "container.image.tags": [tag] }),
    ...(image.imageId === null ? {} : { "container.image.id": image.imageId }),
    ...(image.digest === null ? {} : { "container.image.repo_digests": [`${name}@${image.digest}`] }),
    ...(image.engine === null ? {} : { "container.runtime.name": image.engine.kind }),
    ...(image.revision === null ? {} : { "vcs.ref.head.revision": image.revision }),
    "molecule.platform": image.platform,
    "molecule.stale": image.stale,
    ...(image.cached === null ? {} : { "molecule.cached": image.cached }),
  };
}

/** Returns the name and the tag. A colon with a slash after it precedes a port, not a tag. */
function parts(reference: string): { readonly name: string; readonly tag: string | undefined } {
  const [named = ""] = reference.split("@");
  const [, name = named, tag] = /^(.*):([^/:]+)$/.exec(named) ?? [];
  return { name, tag };
}
