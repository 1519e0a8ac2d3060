import { mkdir, mkdtemp, readdir, readlink, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach } from "@jest/globals";

/** A checkout with a Dockerfile, new for each test. */
export interface ContextTree {
  /** The parent directory of the checkout. */
  readonly root: string;
  readonly tree: string;
  readonly put: (files: Readonly<Record<string, string>>) => Promise<void>;
  /** Returns the files that this process has open in the checkout. */
  readonly openBelow: () => Promise<string[]>;
}

export function useContextTree(): ContextTree {
  let root = "";
  const context: ContextTree = {
    get root() {
      return root;
    },
    get tree() {
      return join(root, "tree");
    },
    async put(files) {
      for (const [path, content] of Object.entries(files)) {
        await mkdir(dirname(join(context.tree, path)), { recursive: true });
        await writeFile(join(context.tree, path), content);
      }
    },
    async openBelow() {
      const targets = (await readdir("/proc/self/fd")).map((fd) =>
        readlink(`/proc/self/fd/${fd}`).catch(() => ""),
      );
      return (await Promise.all(targets)).filter((target) => target.startsWith(context.tree));
    },
  };
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), "context-"));
    await context.put({ Dockerfile: "FROM scratch\n" });
  });
  afterEach(() => rm(root, { recursive: true, force: true }));
  return context;
}
