import type { Coroutine } from "./coroutine.js";
import type { FileTree, TreeDirectory } from "./file-tree.js";
import { unreadable } from "./unreadable.js";

/** Opens directories of a tree one after the other, and keeps the parents of the current one open. */
export class OpenPath {
  readonly #tree: FileTree;
  #names: string[] = [];
  /** The open directories, from the root down. */
  #open: TreeDirectory[] = [];

  constructor(tree: FileTree) {
    this.#tree = tree;
  }

  /** Returns the directory, which stays open until the next call. `path` is relative, with slashes; `.` is the root. */
  *to(path: string): Coroutine<never, TreeDirectory> {
    const names = path === "." ? [] : path.split("/");
    let same = 0;
    while (same < names.length && names[same] === this.#names[same]) same += 1;
    this.#leave(same);
    try {
      if (this.#open.length === 0) this.#open.push(yield* this.#tree.root());
      let last = this.#open.at(-1) as TreeDirectory;
      for (const name of names.slice(same)) {
        last = yield* last.openDirectory(name);
        this.#open.push(last);
        this.#names.push(name);
      }
      return last;
    } catch (error) {
      throw unreadable(path, error);
    }
  }

  close(): void {
    this.#leave(-1);
  }

  /** Closes all but the root and this many directories below it. */
  #leave(kept: number): void {
    for (const directory of this.#open.splice(kept + 1)) directory.close();
    this.#names.length = Math.min(this.#names.length, Math.max(0, kept));
  }
}
