import { definePlugin, type OptionsSchema, type SourcePlugin } from "@molecule/core";
import { z } from "zod";
import { shippedManifests } from "./shipped-manifests.js";

const anything: OptionsSchema<unknown> = z.record(z.string(), z.unknown());

/** A loaded plugin whose source is never used. */
export function pluginAtHand(name: string, options: OptionsSchema<unknown> = anything): SourcePlugin {
  return definePlugin<unknown>({
    name,
    apiVersion: 1,
    modes: ["local"],
    options,
    create: () => {
      throw new Error("this source is never created");
    },
  });
}

/** Stand-ins for the shipped plugins, which declare the same and accept any options. */
export const pluginsAtHand: readonly SourcePlugin[] = shippedManifests
  .filter(({ name }) => name === "registry-pull" || name === "gitea-local-build")
  .map((manifest) => ({ ...pluginAtHand(manifest.name), ...manifest }));
