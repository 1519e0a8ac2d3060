import type { ContextSelection } from "./context-entries.js";
import { createIgnoreMatcher, parseDockerignore } from "./dockerignore.js";
import { readDockerignore } from "./read-dockerignore.js";

/** What belongs into the build context of a checkout, as its ignore file says. `TEMPLATE_INVALID` when that is none. */
export async function contextSelection(directory: string, dockerfile: string): Promise<ContextSelection> {
  const ignoreFile = await readDockerignore(directory, dockerfile);
  const file = ignoreFile?.path ?? ".dockerignore";
  const matcher = createIgnoreMatcher(parseDockerignore(ignoreFile?.text ?? ""), file);
  return { matcher, always: [dockerfile, file] };
}
