/**
 * Returns the text as one word of a shell command, quoted only if necessary. The word is always on one line and without
 * invisible characters, which need `$'…'`: bash, zsh and ksh support it.
 */
export function shellWord(text: string): string {
  if (/^[\w@%+=:,./-]+$/.test(text)) return text;
  if (!/\p{C}/u.test(text)) return `'${text.replaceAll("'", String.raw`'\''`)}'`;
  const escaped = text
    .replaceAll(/[\\']/g, String.raw`\$&`)
    .replaceAll(
      /\p{C}/gu,
      (character) => `\\U${(character.codePointAt(0) ?? 0).toString(16).padStart(8, "0")}`,
    );
  return `$'${escaped}'`;
}
