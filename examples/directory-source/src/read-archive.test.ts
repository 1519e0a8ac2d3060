import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { readArchive } from "./read-archive.js";

test("a copy that cannot be written is STORAGE_UNUSABLE, and names its path", async () => {
  const home = await mkdtemp(join(tmpdir(), "directory-source-"));
  const archive = join(home, "hermes.tar");
  const copyTo = join(home, "missing", "image.tar");
  const { signal } = new AbortController();
  try {
    await writeFile(archive, "content");
    await expect(readArchive(archive, { signal, copyTo })).rejects.toMatchObject({
      code: "STORAGE_UNUSABLE",
      message: `${copyTo} cannot be used: it does not exist`,
    });
  } finally {
    await rm(home, { recursive: true });
  }
});
