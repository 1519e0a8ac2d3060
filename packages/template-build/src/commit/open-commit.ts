import { ImageSourceError } from "@molecule/core";
import type { Checkout } from "../checkout/checkout.js";
import type { FileTree } from "../context/file-tree.js";
import type { CommitFeatures } from "../context/refuse-template.js";
import { CommitBlobs } from "./commit-blobs.js";
import { commitTree } from "./commit-tree.js";
import { MalformedTree, parseListing } from "./parse-listing.js";
import { readAttributes } from "./read-attributes.js";

/** The files of a fetched commit, read from git's objects. */
export interface OpenCommit extends CommitFeatures {
  /** Undefined if a checkout has other bytes than the objects. */
  readonly tree: FileTree | undefined;
  /** Ends every git. Never rejects. */
  close(): Promise<void>;
}

/** Opens the files of a fetched commit. Rejects with `CHECKOUT_FAILED` or the signal's reason; so do reads of the tree. */
export async function openCommit({
  commit,
  objects,
}: Pick<Checkout, "commit" | "objects">): Promise<OpenCommit> {
  const { root, blobs, submodule, attributeFiles } = await parseListing(objects.listing).catch(
    (error: unknown) => {
      throw error instanceof MalformedTree ? malformed(commit, error) : error;
    },
  );
  const missing = blobs.find(({ size }) => !Number.isSafeInteger(size));
  if (missing !== undefined) throw objects.damaged(`${missing.id} is missing`);
  const contents = new CommitBlobs(objects, blobs);
  const close = (): Promise<void> => contents.close();
  try {
    const { converts, mentionsLfs } = await readAttributes(attributeFiles, contents);
    return { tree: converts ? undefined : commitTree(root, contents), submodule, mentionsLfs, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function malformed(commit: string, { message }: MalformedTree): ImageSourceError {
  return new ImageSourceError({
    code: "CHECKOUT_FAILED",
    message: `cannot check out ${commit}: ${message}`,
    hint: "Check the template's repository with `git fsck`.",
  });
}
