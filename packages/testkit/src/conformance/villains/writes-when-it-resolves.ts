import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { villain } from "./reference-plugin.js";

/** Writes a note about the last request to disk. */
export const writesWhenItResolves = villain((honest, { cacheDir }) => ({
  async resolve(runtime, call) {
    const resolution = await honest.resolve(runtime, call);
    await mkdir(cacheDir, { recursive: true });
    await writeFile(join(cacheDir, "last-asked"), runtime);
    return resolution;
  },
}));
