/** Characters of a server's own words that a message quotes. */
const maxWords = 200;

/**
 * A server's own words at the end of a message: nothing for none. They are cut at a blank, because half of a token would
 * not be recognised, and so not be masked.
 */
export function quoted(words: string): string {
  const line = words.trim().replaceAll(/\s*\n\s*/g, " ");
  if (line === "") return "";
  return `: ${line.length <= maxWords ? line : `${line.slice(0, maxWords).replace(/\S*$/, "")}…`}`;
}
