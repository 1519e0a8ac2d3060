import { readSmallFile } from "./read-small-file.js";
import type { TreeSurvey } from "./survey-tree.js";
import { templateInvalid } from "./template-invalid.js";

/**
 * Throws `TEMPLATE_INVALID` for a checkout with a submodule: its directory is empty, since none is ever fetched. One
 * that `.gitmodules` names and the commit does not hold counts as well.
 */
export async function refuseSubmodules(directory: string, survey: TreeSurvey): Promise<void> {
  const path = survey.emptyDirectories[0] ?? firstConfigured(await readSmallFile(directory, ".gitmodules"));
  if (path === undefined) return;
  throw templateInvalid(
    `the template has a submodule at ${JSON.stringify(path)}, and submodules are not fetched`,
    "Put its files into the template; or set the option `allowSubmodules` to build with an empty directory there.",
  );
}

/** The path of the first submodule in a `.gitmodules`, or its name where it has no path. */
function firstConfigured(text: string | undefined): string | undefined {
  const [, section] = /^[ \t]*\[[ \t]*submodule\b(.*)$/ims.exec(text ?? "") ?? [];
  if (section === undefined) return undefined;
  const [own = ""] = section.split(/^[ \t]*\[/m);
  const [, path] = /^[ \t]*path[ \t]*=[ \t]*(.*?)[ \t]*\r?$/im.exec(own) ?? [];
  return path ?? /"(.*)"/.exec(own)?.[1] ?? ".gitmodules";
}
