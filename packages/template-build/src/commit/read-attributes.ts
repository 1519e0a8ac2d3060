import { awaited, resultOf, type Coroutine } from "../context/coroutine.js";
import type { CommitBlobs } from "./commit-blobs.js";
import type { CommitBlob } from "./commit-listing.js";

/** The relevant attributes that the `.gitattributes` of a commit mention. */
export interface CommitAttributes {
  /** Attributes for which `git checkout` writes other bytes than the commit has. */
  readonly converts: boolean;
  readonly mentionsLfs: boolean;
}

/** Longer files count as mentioning everything; real ones are never this long. */
const maxBytes = 1024 * 1024;
/** Our configuration of git defines no filter, and leaves line endings as they are unless an attribute says otherwise. */
const conversion = /\b(?:eol=crlf|ident|working-tree-encoding)\b/;
const lfs = /\bfilter=lfs\b/;

/** Reads every `.gitattributes` of a commit until both are known. */
export async function readAttributes(
  files: readonly CommitBlob[],
  blobs: CommitBlobs,
): Promise<CommitAttributes> {
  let [converts, mentionsLfs] = [false, false];
  for (const file of files) {
    if (converts && mentionsLfs) break;
    const text = file.size < maxBytes ? await resultOf(textOf(file, blobs)) : undefined;
    converts ||= text === undefined || conversion.test(text);
    // git reads attributes from the target's name if it is a link; LFS does not.
    mentionsLfs ||= file.kind === "file" && (text === undefined || lfs.test(text));
  }
  return { converts, mentionsLfs };
}

function* textOf(blob: CommitBlob, blobs: CommitBlobs): Coroutine<never, string> {
  const file = blobs.open(blob);
  try {
    const bytes = Buffer.alloc(blob.size + 1);
    let length = 0;
    do length += yield* awaited(file.read(bytes, length));
    while (!file.isRead);
    return bytes.toString("latin1", 0, length);
  } finally {
    file.close();
  }
}
