// Copies the declarations that an entry reaches. `dist` may also hold those of sources that were renamed or removed.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, normalize } from "node:path";
import { root } from "./pnpm.mjs";

/**
 * @param entries names of files without their extension
 * @param from the folder of the compiled package
 * @param to the folder to write the same tree to
 */
export async function copyDeclarations(entries, from, to) {
  // Imported late: on a bare clone a previous step installs it.
  const ts = createRequire(join(root, "package.json"))("typescript");
  const reached = new Set();
  const copy = async (name) => {
    if (reached.has(name)) return;
    reached.add(name);
    const text = await readFile(join(from, `${name}.d.ts`), "utf8");
    await mkdir(dirname(join(to, name)), { recursive: true });
    // Their maps lead to sources that are not published.
    await writeFile(join(to, `${name}.d.ts`), text.replace(/^\/\/# sourceMappingURL=.*\n?/m, ""));
    const relatives = ts
      .preProcessFile(text)
      .importedFiles.map(({ fileName }) => fileName)
      .filter((path) => path.startsWith("."))
      .map((path) => normalize(join(dirname(name), path.replace(/\.js$/, ""))));
    await Promise.all(relatives.map(copy));
  };
  await Promise.all(entries.map(copy));
}
