import { defaultPlatform, defaultSources } from "@molecule/core";

/** What counts where nobody says anything, as it would stand in a file; places on the machine are not among it. */
export const configDefaults = {
  sources: { ...defaultSources },
  plugins: [],
  runtimes: { add: [] },
  platform: defaultPlatform,
  timeout: "30m",
  stallAfter: "4m",
} as const;
