import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { villain } from "./reference-plugin.js";

/** Stores its credentials in a file, as some programs require. */
export const writesItsToken = villain((honest, { cacheDir, env }) => ({
  async provide(resolution, found, call) {
    await mkdir(cacheDir, { recursive: true });
    await writeFile(join(cacheDir, ".netrc"), `password ${env.REFERENCE_TOKEN ?? ""}`);
    return honest.provide(resolution, found, call);
  },
}));
