/** Splits an `ARG` into words, at blanks that are neither quoted nor escaped. */
export function argumentWords(rest: string, escape: string): string[] {
  const escaped = escape === "`" ? "`" : String.raw`\\`;
  const word = String.raw`(?:"(?:[^"${escaped}]|${escaped}.)*"|'[^']*'|${escaped}.|[^\p{White_Space}])+`;
  return rest.match(new RegExp(word, "gsu")) ?? [];
}
