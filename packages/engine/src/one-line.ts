import { escapeControls } from "@molecule/core";

const maxLength = 500;

/** Text from outside as part of a message: one line, escaped, bounded. */
export function oneLine(text: string): string {
  const line = escapeControls(text.slice(0, 4 * maxLength))
    .trim()
    .replaceAll(/\s*\n\s*/g, " / ");
  return line.length > maxLength ? `${line.slice(0, maxLength)}…` : line;
}
