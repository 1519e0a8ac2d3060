import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { villain } from "./reference-plugin.js";

/** Keeps a note of what it was asked last. */
export const writesWhenItResolves = villain((honest, { cacheDir }) => ({
  async resolve(runtime, call) {
    const resolution = await honest.resolve(runtime, call);
    await mkdir(cacheDir, { recursive: true });
    await writeFile(join(cacheDir, "last-asked"), runtime);
    return resolution;
  },
}));
