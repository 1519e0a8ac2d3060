import { escapeControls } from "../text/escape-controls.js";
import type { FailedStep } from "./read-failed-step.js";

/** Returns the hint for a step that failed because of its template or its options. */
export function hintForStep({
  missingSecret,
  missingTarget,
  missingFile,
}: Pick<FailedStep, "missingSecret" | "missingTarget" | "missingFile">): string {
  if (missingSecret !== undefined)
    return `Set \`secrets.${escapeControls(missingSecret)}\` in the options of the source.`;
  if (missingTarget !== undefined)
    return "Correct `target` in the options of the source: it must be the name of a stage in the Dockerfile.";
  if (missingFile !== undefined)
    return `Add ${escapeControls(missingFile)} to the template, correct its path in the Dockerfile, or remove the line of .dockerignore that excludes it.`;
  return "Read the last lines of the output, then fix the Dockerfile or the commands that it runs.";
}
