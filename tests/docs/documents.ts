import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Reads a file below the root. */
export const read = (path: string): string => readFileSync(join(root, path), "utf8");

/** Generated files that are not checked in, and third-party files. */
const notOurs = /^(?:node_modules|dist|bundle|artifacts|coverage|\..*)$/;

function below(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (!entry.isDirectory()) return [path];
    return notOurs.test(entry.name) ? [] : below(path);
  });
}

/** Every Markdown file of the project, relative to its root. */
export const documents: readonly string[] = below(".").filter((path) => path.endsWith(".md"));

/** Lines outside of code: lines between fences are left empty, so that line numbers stay the same. */
export function proseLines(text: string): readonly string[] {
  let fenced = false;
  return text.split("\n").map((line) => {
    const isFence = /^ *```/.test(line);
    if (isFence) fenced = !fenced;
    return fenced || isFence ? "" : line;
  });
}
