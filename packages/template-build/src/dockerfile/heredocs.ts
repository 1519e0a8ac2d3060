/** A here-document that starts in a line. */
export interface Heredoc {
  /** Whether this line ends the here-document. */
  readonly isEnd: (line: string) => boolean;
}

const mayHold =
  /^\p{White_Space}*(?:ONBUILD\s+)*(?:RUN|COPY|ADD)\s(?:.*\p{White_Space})?\d*<<-?[^<\p{White_Space}]/isu;
// Quotes, escapes and variables follow github.com/moby/buildkit/frontend/dockerfile/shell. Every version of it accepts
// more forms of `${…}`, and it finds no here-document in a line that it cannot parse.
const braced = String.raw`\$(?:\{[A-Za-z_]\w*\}|(?!\{))`;
const word = new RegExp(
  String.raw`(?:[^\p{White_Space}"'\\$]|\\.|'[^']*'|"(?:[^"\\$]|\\.|${braced})*"|${braced})+|\p{White_Space}+`,
  "suy",
);

/** Returns the here-documents of an instruction in order; undefined if builders may disagree about them. */
export function heredocsOf(instruction: string): Heredoc[] | undefined {
  if (!mayHold.test(instruction)) return [];
  const words = wordsOf(instruction);
  if (words === undefined) return undefined;
  const found: Heredoc[] = [];
  for (const written of words) {
    const [, dash, rest] = /^\d*<<(-?)([^<]+)$/su.exec(written) ?? [];
    if (rest === undefined) continue;
    const [, plain, single, double] = /^(?:([^"'\\$]+)|'([^'\\$]+)'|"([^"\\$]+)")$/su.exec(rest) ?? [];
    const end = plain ?? single ?? double;
    if (end === undefined) return undefined;
    found.push({ isEnd: (line) => (dash === "-" ? line.replace(/^\t+/, "") : line) === end });
  }
  return found;
}

function wordsOf(text: string): string[] | undefined {
  const words: string[] = [];
  for (word.lastIndex = 0; word.lastIndex < text.length;) {
    const [found] = word.exec(text) ?? [];
    if (found === undefined) return undefined;
    words.push(found);
  }
  return words;
}
