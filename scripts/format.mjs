// Formats generated files as the others are.
import { createRequire } from "node:module";
import { join } from "node:path";
import { root } from "./pnpm.mjs";

/** The text as `npm run format` would leave it in that file. */
export async function format(file, text) {
  // Imported late: on a bare clone it is installed by the step before.
  const prettier = createRequire(join(root, "package.json"))("prettier");
  return prettier.format(text, { ...(await prettier.resolveConfig(file)), filepath: file });
}
