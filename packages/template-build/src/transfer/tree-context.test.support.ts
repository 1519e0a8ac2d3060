import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import type { BuildContext, ContextEntry } from "@molecule/core";

export type Tree = Readonly<Record<string, Node>>;

/** A file's content, a file with a mode, a link's target, or a directory. */
export type Node =
  | string
  | { readonly content: string | Uint8Array; readonly mode: number }
  | { readonly link: string }
  | { readonly inside: Tree };

export interface TreeContext extends BuildContext {
  /** The paths of the files that the builder requested. */
  readonly requested: string[];
}

/** Returns the context of a commit: the Dockerfile, and these nodes in the directory `t`. */
export function treeContext(
  tree: Tree,
  { dockerfile, modifiedAt }: { readonly dockerfile: string; readonly modifiedAt: Date },
): TreeContext {
  const listed = [...entriesOf({ Dockerfile: dockerfile, t: { inside: tree } })];
  const contents = new Map(listed.map(({ entry, content }) => [entry.path, content]));
  const requested: string[] = [];
  return {
    requested,
    dockerfile: "Dockerfile",
    modifiedAt,
    readDockerfile: () => Promise.resolve(Buffer.from(dockerfile)),
    entries: () => Readable.from(listed.map(({ entry }) => entry)),
    open: ({ path }) => {
      requested.push(path);
      return Readable.from([contents.get(path)]);
    },
    archive: () => Promise.reject(new Error("BuildKit requests no archive")),
  };
}

function* entriesOf(
  tree: Tree,
  parent = "",
): Generator<{ readonly entry: ContextEntry; readonly content: Buffer }> {
  const none = { size: 0, target: "" };
  const content = Buffer.alloc(0);
  for (const [name, node] of Object.entries(tree).sort(([one], [other]) => (one < other ? -1 : 1))) {
    const path = parent + name;
    if (typeof node === "object" && "link" in node)
      yield { content, entry: { ...none, kind: "link", path, mode: 0o777, target: node.link } };
    else if (typeof node === "object" && "inside" in node) {
      yield { content, entry: { ...none, kind: "directory", path, mode: 0o755 } };
      yield* entriesOf(node.inside, `${path}/`);
    } else {
      const file = typeof node === "string" ? { content: node, mode: 0o644 } : node;
      const bytes = Buffer.from(file.content as Uint8Array);
      const contentId = createHash("sha1").update(bytes).digest("hex");
      const entry = { ...none, kind: "file" as const, path, mode: file.mode, size: bytes.length, contentId };
      yield { content: bytes, entry };
    }
  }
}
