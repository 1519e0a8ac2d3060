import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { CommitSha } from "@molecule/core";
import { anotherCommit, initRepository, type FetchedCommit } from "./fetched-commit.js";
import type { GitProcessParts } from "./git-process.js";
import { openGitSession } from "./git-session.js";
import type { ObjectFormat } from "./store-layout.js";

/**
 * Writes the files of a fetched commit into the directory of the checkout, once they are listed. If the objects are in
 * the object store, the repository of the checkout borrows them: git only reads the object store, and people can use git
 * in the checkout. Rejects with `GitFailure`, or like the listing.
 */
export async function writeTree(
  parts: GitProcessParts,
  {
    objectStore,
    listing,
    commit,
    format,
    url,
  }: Pick<FetchedCommit, "objectStore"> & {
    readonly listing: Promise<unknown>;
    readonly commit: CommitSha;
    readonly format: ObjectFormat;
    readonly url: string;
  },
): Promise<void> {
  // The build needs the listing first. It also refuses a commit with too many files, whose names git would keep in memory.
  await listing;
  const { directory } = parts;
  const repository = join(directory, ".git");
  const git = await openGitSession({ ...parts, onStderr: () => undefined });
  if (objectStore !== undefined) {
    await initRepository(git, format);
    // Quoted: a path may contain a line break.
    await writeFile(
      join(repository, "objects/info/alternates"),
      `${JSON.stringify(join(objectStore.path, "objects"))}\n`,
    );
    // The parents of the commit do not exist here.
    await writeFile(join(repository, "shallow"), `${commit}\n`);
  }
  // Without --progress, git prints at least the line "HEAD is now at …".
  await git.run(["checkout", "--force", "--detach", commit]);
  const head = (await readFile(join(repository, "HEAD"), "utf8")).trim();
  if (head !== commit) throw anotherCommit(url, commit, head);
}
