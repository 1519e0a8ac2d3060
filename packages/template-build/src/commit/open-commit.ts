import { ImageSourceError } from "@molecule/core";
import type { Checkout } from "../checkout/checkout.js";
import type { FileTree } from "../context/file-tree.js";
import type { CommitFeatures } from "../context/refuse-template.js";
import { CommitBlobs } from "./commit-blobs.js";
import type { CommitListing } from "./commit-listing.js";
import { commitTree } from "./commit-tree.js";
import { ObjectBatch } from "./object-batch.js";
import { parseCommit, type CommitFacts } from "./parse-commit.js";
import { MalformedTree, parseListing } from "./parse-listing.js";
import { readAttributes } from "./read-attributes.js";
import { readTrees } from "./read-trees.js";

type CommitSource = Pick<Checkout, "commit" | "objects">;

/** The files of a fetched commit, read from git's objects. */
export interface OpenCommit extends CommitFeatures {
  /** The committer's time. */
  readonly committedAt: Date;
  /** Undefined if a checkout has other bytes than the objects. */
  readonly tree: FileTree | undefined;
  /**
   * Resolves once every directory of the commit was compared with its hash. Rejects with `CHECKOUT_FAILED` or the
   * signal's reason. A rejection may be ignored.
   */
  readonly verified: Promise<void>;
  /** Ends every git. Never rejects. */
  close(): Promise<void>;
}

/**
 * Opens the files of a fetched commit. Rejects like its listing, or with `CHECKOUT_FAILED` or the signal's reason; so
 * do reads of the tree.
 */
export async function openCommit(source: CommitSource): Promise<OpenCommit> {
  const { objects } = source;
  const batch = new ObjectBatch(objects);
  let blobs: CommitBlobs | undefined;
  const close = (): Promise<void> => (blobs ?? batch).close();
  try {
    // Starting git is most of the cost for a small template, so both git processes start together.
    const [facts, listing] = await Promise.all([readCommit(source, batch), readListing(source)]);
    blobs = new CommitBlobs(objects, batch, listing.blobs);
    const { converts, mentionsLfs } = await readAttributes(listing.attributeFiles, blobs);
    const verified = readTrees([...new Set([facts.tree, ...listing.trees])], batch);
    verified.catch(() => undefined);
    return {
      committedAt: facts.committedAt,
      tree: converts ? undefined : commitTree(listing.root, blobs),
      submodule: listing.submodule,
      mentionsLfs,
      verified,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function readCommit({ commit }: CommitSource, batch: ObjectBatch): Promise<CommitFacts> {
  const reply = batch.request(commit);
  batch.send();
  const { type, content } = await reply.object();
  if (type !== "commit") throw malformed(commit, `it is the hash of a ${type}`);
  const facts = parseCommit(content);
  if (facts === undefined) throw malformed(commit, "its commit object is malformed");
  return facts;
}

async function readListing({ commit, objects }: CommitSource): Promise<CommitListing> {
  const listing = await parseListing(await objects.listing).catch((error: unknown) => {
    throw error instanceof MalformedTree ? malformed(commit, error.message) : error;
  });
  const missing = listing.blobs.find(({ size }) => !Number.isSafeInteger(size));
  if (missing !== undefined) throw objects.damaged(`${missing.id} is missing`);
  return listing;
}

function malformed(commit: string, why: string): ImageSourceError {
  return new ImageSourceError({
    code: "CHECKOUT_FAILED",
    message: `cannot check out ${commit}: ${why}`,
    hint: "Check the template's repository with `git fsck`.",
  });
}
