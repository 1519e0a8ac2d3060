import { randomBytes } from "node:crypto";
import { open, rename, rm } from "node:fs/promises";

/** The mode of files that only the user may read. */
const ownerOnlyFile = 0o600;

/** Replaces a file atomically, even if the process or the machine crashes. */
export async function replaceFile(path: string, text: string): Promise<void> {
  const next = `${path}.${randomBytes(4).toString("hex")}`;
  try {
    const handle = await open(next, "wx", ownerOnlyFile);
    try {
      // A umask can only remove bits.
      await handle.chmod(ownerOnlyFile);
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(next, path);
  } finally {
    await rm(next, { force: true });
  }
}
