import { templateOptions } from "@molecule/template-build";
import * as v from "valibot";

export const isolations = ["oci", "rootless", "chroot"] as const;
export const destinations = ["containers-storage", "docker"] as const;

/** Options of this source, in addition to those of every source that builds templates. */
export const buildahOptions = v.strictObject({
  ...templateOptions.entries,
  isolation: v.pipe(
    v.optional(v.picklist(isolations, `must be one of ${isolations.join(", ")}`)),
    v.description("How the steps of a build are isolated from the machine. Default: buildah's own."),
  ),
  into: v.pipe(
    v.optional(v.picklist(destinations, `must be one of ${destinations.join(", ")}`), "containers-storage"),
    v.description(
      "Where images are stored and run: `containers-storage`, which Podman shares, or the `docker` engine.",
    ),
  ),
});

export type Isolation = (typeof isolations)[number] | undefined;
