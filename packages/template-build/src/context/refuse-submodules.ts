import type { FileTree } from "./file-tree.js";
import { readSmallFile } from "./read-small-file.js";
import { templateInvalid } from "./template-invalid.js";

/**
 * Throws `TEMPLATE_INVALID` for a template with a submodule, whose directory is empty because submodules are not fetched.
 * A submodule that only `.gitmodules` names counts too.
 * @param submodule the path of a submodule of the commit
 */
export async function refuseSubmodules(tree: FileTree, submodule: string | undefined): Promise<void> {
  const path = submodule ?? firstConfigured(await readSmallFile(tree, ".gitmodules"));
  if (path === undefined) return;
  throw templateInvalid(
    `the template has a submodule at ${JSON.stringify(path)}, and submodules are not fetched`,
    "Put its files into the template, or set the option `allowSubmodules` to build with an empty directory there.",
  );
}

/** The path of the first submodule in a `.gitmodules`, or its name if it has no path. */
function firstConfigured(text: string | undefined): string | undefined {
  const lines = (text ?? "").split("\n").map((line) => line.trim());
  const start = lines.findIndex((line) => /^\[\s*submodule\b/i.test(line));
  if (start === -1) return undefined;
  for (const line of lines.slice(start + 1)) {
    if (line.startsWith("[")) break;
    const [key = "", ...value] = line.split("=");
    if (key.trim().toLowerCase() === "path") return value.join("=").trim();
  }
  return lines[start]?.split('"')[1] ?? ".gitmodules";
}
