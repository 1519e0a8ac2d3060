import { ImageSourceError, type CommitSha } from "@molecule/core";
import type { CommitObjects } from "./commit-objects.js";

const maxBytes = 16 * 1024 * 1024;

/**
 * Returns the list of everything in the commit's tree as {@link CommitObjects.listing} describes it. Throws `TEMPLATE_INVALID` if it is
 * longer than 16 MiB, which is enough for about a hundred thousand files. A few hundred bytes can expand to billions of
 * files, and `git checkout` would hold all of them in memory before it writes the first (docs/adr/0042).
 */
export async function listTree(
  objects: Pick<CommitObjects, "start">,
  commit: CommitSha,
  url: string,
): Promise<Buffer> {
  const git = await objects.start(["ls-tree", "-r", "-t", "-z", "-l", "--full-tree", commit]);
  git.stdin.end();
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of git.stdout as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) {
      git.end();
      throw tooManyFiles(commit, url);
    }
    chunks.push(chunk);
  }
  await git.ended;
  return Buffer.concat(chunks);
}

function tooManyFiles(commit: CommitSha, url: string): ImageSourceError {
  return new ImageSourceError({
    code: "TEMPLATE_INVALID",
    message: `${commit} of ${url} has too many files: the list of their names exceeds 16 MiB`,
    hint: "Remove files that the build can produce or fetch, such as dependencies and generated files.",
  });
}
