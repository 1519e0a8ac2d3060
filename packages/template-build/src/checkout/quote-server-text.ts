/** Maximum number of characters of a server's own message to quote. */
const maxCharacters = 200;

/**
 * Formats a server's own message for the end of an error message; an empty string if there is none. Cuts it at a blank,
 * because half of a token would not be recognised and masked.
 */
export function quoteServerText(text: string): string {
  const line = text.trim().replaceAll(/\s*\n\s*/g, " ");
  if (line === "") return "";
  return `: ${line.length <= maxCharacters ? line : `${line.slice(0, maxCharacters).replace(/\S*$/, "")}…`}`;
}
