import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { villain } from "./reference-plugin.js";

/** Does not clean up after itself when it is aborted. */
export const leavesFile = villain((honest, { env }) => ({
  async provide(resolution, found, call) {
    try {
      return await honest.provide(resolution, found, call);
    } catch (error) {
      if (call.signal.aborted) {
        await mkdir(env.TMPDIR ?? "", { recursive: true });
        await writeFile(join(env.TMPDIR ?? "", "partial"), resolution.reference);
      }
      throw error;
    }
  },
}));
