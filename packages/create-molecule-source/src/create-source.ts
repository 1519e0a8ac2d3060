import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Nothing was made, and the message says why. */
export class Refusal extends Error {
  override readonly name = "Refusal";
}

const template = fileURLToPath(new URL("../template", import.meta.url));

/**
 * Creates the skeleton of a source in a new directory of `cwd` and returns its name. Rejects with a
 * {@link Refusal} when the name cannot be one, or the directory is there already.
 */
export async function createSource(name: string, cwd: string): Promise<string> {
  if (!/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/.test(name)) {
    throw new Refusal(
      `${JSON.stringify(name)} is not a name for a source: lower-case letters, digits and single dashes, a letter first.`,
    );
  }
  const directory = `molecule-source-${name}`;
  const root = join(cwd, directory);
  try {
    // Not recursive: it fails on whatever is there, an empty directory too.
    await mkdir(root);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Refusal(
      code === "EEXIST"
        ? `${root} already exists; nothing was changed.`
        : `${root} cannot be made: ${String(code)}.`,
    );
  }
  const entries = await readdir(template, { recursive: true, withFileTypes: true });
  for (const entry of entries.filter((one) => one.isFile())) {
    const from = join(entry.parentPath, entry.name);
    // Below their own names npm leaves some out of a package, and reads others.
    const to = join(root, from.slice(template.length + 1).replace(/^_/, ""));
    await mkdir(dirname(to), { recursive: true });
    await writeFile(to, (await readFile(from, "utf8")).replaceAll("__NAME__", name), { flag: "wx" });
  }
  return directory;
}
