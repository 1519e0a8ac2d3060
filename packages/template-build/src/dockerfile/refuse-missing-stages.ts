import type { FileTree } from "../context/file-tree.js";
import { readSmallFile } from "../context/read-small-file.js";
import { templateInvalid } from "../context/template-invalid.js";
import { hasOwnFrontend } from "./own-frontend.js";
import { readInstructions } from "./read-instructions.js";
import { currentParsingRules } from "./current-parsing-rules.js";

/**
 * Throws `TEMPLATE_INVALID` for `COPY --from=7` if there are fewer stages. Docker refuses it, Podman 4.3 and 5.4 panic
 * and break the connection, and Podman 5.8 looks for an image of that name.
 */
export async function refuseMissingStages(
  tree: FileTree,
  dockerfile: string,
  buildArgs: Readonly<Record<string, string>>,
): Promise<void> {
  const text = (await readSmallFile(tree, dockerfile)) ?? "";
  if (hasOwnFrontend(text, buildArgs)) return;
  const instructions = readInstructions(text, currentParsingRules(text));
  const stages = instructions.filter(({ name }) => name === "FROM").length;
  for (const { line, name, rest } of instructions) {
    const number = name === "COPY" ? stageNumber(rest) : undefined;
    if (number === undefined || Number(number) < stages) continue;
    throw templateInvalid(
      `line ${String(line)} of ${dockerfile}: COPY --from=${number} names a stage that does not exist`,
      `Use the name of a stage, or a number from 0 to ${String(stages - 1)}.`,
    );
  }
}

/** Flags come first; a here-document or a file name may look like one. */
function stageNumber(rest: string): string | undefined {
  const [flags = ""] = /^(?:\s+--\S+)*/.exec(rest) ?? [];
  return /\s--from=(\d{1,20})(?=\s|$)/.exec(flags)?.[1];
}
