// A sample on the forge whose changes on the disk become commits.
import { relative } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { root } from "../pnpm.mjs";
import { sampleDirectory, sampleTemplate } from "./sample-templates.mjs";

/** Adds the sample to the forge. `commitChanges` resolves to the new commit's hash, or to undefined without changes. */
export async function commitFolder(forge, runtime, folder) {
  let committed = await sampleTemplate(folder);
  const commit = await forge.addTemplate(runtime, committed);
  let last = Promise.resolve();

  async function commitOnce() {
    const files = await sampleTemplate(folder);
    const removed = Object.keys(committed).filter((name) => !(name in files));
    const changed = Object.keys(files).filter((name) => !isDeepStrictEqual(files[name], committed[name]));
    if (removed.length + changed.length === 0) return undefined;
    const changes = Object.fromEntries([
      ...removed.map((name) => [name, null]),
      ...changed.map((name) => [name, files[name]]),
    ]);
    const made = await forge.commit(runtime, changes, `Change ${[...removed, ...changed].join(", ")}\n`);
    committed = files;
    return made;
  }

  return {
    runtime,
    path: relative(root, sampleDirectory(folder)),
    commit,
    /** One after the other: two requests at the same time must not commit the same change twice. */
    commitChanges: () => {
      last = last.catch(() => undefined).then(commitOnce);
      return last;
    },
  };
}
