import type { FileTree } from "../context/file-tree.js";
import { readSmallFile } from "../context/read-small-file.js";
import { templateInvalid } from "../context/template-invalid.js";
import { hasOwnFrontend } from "./own-frontend.js";
import { readInstructions } from "./read-instructions.js";
import { currentParsingRules } from "./current-parsing-rules.js";

/**
 * Throws `TEMPLATE_INVALID` for a file that no builder can build, because it has no `FROM`. Docker 20.10 panics,
 * and all its builds with it, on a file that has only `ARG`s. A frontend other than Docker's may read another language,
 * but a file of `ARG`s alone is still refused: the classic builder never looks up a frontend.
 */
export async function refuseNonDockerfile(
  tree: FileTree,
  dockerfile: string,
  buildArgs: Readonly<Record<string, string>>,
): Promise<void> {
  const text = (await readSmallFile(tree, dockerfile)) ?? "";
  const names = readInstructions(text, currentParsingRules(text)).map(({ name }) => name);
  if (names.includes("FROM")) return;
  if (hasOwnFrontend(text, buildArgs) && names.some((name) => name !== "ARG")) return;
  throw templateInvalid(
    `${JSON.stringify(dockerfile)} of the template is not a Dockerfile: it has no FROM`,
    /\r(?!\n|$)/.test(text)
      ? "Save it with LF line endings: builders treat a lone carriage return as part of the line."
      : "Start the build stage with FROM, or set the option `dockerfile` to the right file.",
  );
}
