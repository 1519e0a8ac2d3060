import { definePlugin, type OptionsSchema, type SourcePlugin } from "@molecule/core";
import { z } from "zod";

const anything: OptionsSchema<unknown> = z.record(z.string(), z.unknown());

/** A plugin that is already loaded, and whose source is never used. */
export function pluginAtHand(name: string, options: OptionsSchema<unknown> = anything): SourcePlugin {
  return definePlugin<unknown>({
    name,
    apiVersion: 1,
    modes: ["local"],
    options,
    create: () => {
      throw new Error("nobody makes it");
    },
  });
}

/** Stand-ins for the shipped plugins, which accept any options. */
export const pluginsAtHand = ["registry-pull", "gitea-local-build"].map((name) => pluginAtHand(name));
