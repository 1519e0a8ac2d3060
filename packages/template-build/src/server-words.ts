/** Maximum number of characters of a server's own message to quote. */
const maxWords = 200;

/**
 * Formats a server's own message for the end of an error message; an empty string if there is none. Cuts it at a blank,
 * because half of a token would not be recognised and masked.
 */
export function quoted(words: string): string {
  const line = words.trim().replaceAll(/\s*\n\s*/g, " ");
  if (line === "") return "";
  return `: ${line.length <= maxWords ? line : `${line.slice(0, maxWords).replace(/\S*$/, "")}…`}`;
}
