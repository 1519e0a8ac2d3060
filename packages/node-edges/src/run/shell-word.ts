/**
 * The text as one word of a command, quoted only when it needs that. Always on one line and without invisible
 * characters, for which `$'…'` is needed: bash, zsh and ksh know it.
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
