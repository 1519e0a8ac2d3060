import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import type { BuildContext } from "@molecule/core";
import { tarOf } from "./tar-of.js";

/**
 * Returns a build context of in-memory files with content IDs, all of them executable. The Dockerfile is one of them.
 */
export function buildContextOf(
  files: Readonly<Record<string, string | Uint8Array>>,
  dockerfile = "Dockerfile",
): BuildContext {
  const contentOf = (path: string): Buffer => Buffer.from((files[path] ?? "") as Uint8Array);
  return {
    dockerfile,
    modifiedAt: new Date(0),
    readDockerfile: async () => contentOf(dockerfile),
    async *entries() {
      for (const path of Object.keys(files).sort()) {
        const content = contentOf(path);
        const contentId = createHash("sha256").update(content).digest("hex");
        yield { kind: "file", path, mode: 0o755, size: content.length, target: "", contentId };
      }
    },
    async *open({ path }) {
      yield contentOf(path);
    },
    archive: async () => ({ stream: Readable.from([tarOf(files)]), dockerfile, excludes: [] }),
  };
}
