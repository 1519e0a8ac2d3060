import { mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** A directory of files for one test; `remove` deletes it. */
export interface TemporaryTree {
  readonly root: string;
  path(name: string): string;
  write(files: Readonly<Record<string, string | Buffer>>): Promise<void>;
  remove(): Promise<void>;
}

/** Creates a directory with these files. A name that ends with `/` is a directory. */
export async function temporaryTree(files: Readonly<Record<string, string>> = {}): Promise<TemporaryTree> {
  const root = await realpath(await mkdtemp(join(tmpdir(), "molecule-tree-")));
  const tree: TemporaryTree = {
    root,
    path: (name) => join(root, name),
    write: async (more) => {
      for (const [name, text] of Object.entries(more)) {
        await mkdir(dirname(join(root, name)), { recursive: true });
        if (name.endsWith("/")) await mkdir(join(root, name), { recursive: true });
        else await writeFile(join(root, name), text);
      }
    },
    remove: () => rm(root, { recursive: true, force: true }),
  };
  await tree.write(files);
  return tree;
}
