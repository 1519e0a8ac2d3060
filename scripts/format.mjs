// Formats generated files like all others.
import { createRequire } from "node:module";
import { join } from "node:path";
import { root } from "./pnpm.mjs";

/** Returns the text as `npm run format` would format it in that file. */
export async function format(file, text) {
  // Imported late: on a bare clone the previous step installs it.
  const prettier = createRequire(join(root, "package.json"))("prettier");
  return prettier.format(text, { ...(await prettier.resolveConfig(file)), filepath: file });
}
