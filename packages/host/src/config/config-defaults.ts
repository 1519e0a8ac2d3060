import { defaultPlatform, defaultSources } from "@molecule/core";

/** The default values, as a file would contain them, except for those that depend on the machine. */
export const configDefaults = {
  sources: { ...defaultSources },
  plugins: [],
  runtimes: { add: [] },
  platform: defaultPlatform,
  timeout: "30m",
  stallAfter: "4m",
} as const;
