import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Nothing was created; the message gives the reason. */
export class Refusal extends Error {
  override readonly name = "Refusal";
}

const template = fileURLToPath(new URL("../template", import.meta.url));

/**
 * Creates the skeleton of a source in a new directory of `cwd`, and returns the directory's name. Rejects with a
 * {@link Refusal} if the name is invalid or the directory exists.
 */
export async function createSource(name: string, cwd: string): Promise<string> {
  if (!/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/.test(name)) {
    throw new Refusal(
      `invalid name ${JSON.stringify(name)}: use lower-case letters, digits and single dashes, starting with a letter`,
    );
  }
  const directory = `molecule-source-${name}`;
  const root = join(cwd, directory);
  try {
    // Not recursive, so that it fails if anything exists there, even an empty directory.
    await mkdir(root);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Refusal(
      code === "EEXIST" ? `${root} already exists` : `cannot create ${root}: ${String(code)}`,
    );
  }
  const entries = await readdir(template, { recursive: true, withFileTypes: true });
  for (const entry of entries.filter((one) => one.isFile())) {
    const from = join(entry.parentPath, entry.name);
    // npm omits .gitignore from packages and reads package.json, so the template stores both with an underscore.
    const to = join(root, from.slice(template.length + 1).replace(/^_/, ""));
    await mkdir(dirname(to), { recursive: true });
    await writeFile(to, (await readFile(from, "utf8")).replaceAll("__NAME__", name), { flag: "wx" });
  }
  return directory;
}
