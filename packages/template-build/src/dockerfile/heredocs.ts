/** A here-document that begins in a line. */
export interface Heredoc {
  /** Whether that line ends it. */
  readonly isEnd: (line: string) => boolean;
}

const mayHold =
  /^\p{White_Space}*(?:ONBUILD\s+)*(?:RUN|COPY|ADD)\s(?:.*\p{White_Space})?\d*<<-?[^<\p{White_Space}]/isu;
// Quotes, escapes and variables as github.com/moby/buildkit/frontend/dockerfile/shell has them; it takes of `${…}`
// more forms with every version, and finds no here-document in a line that it cannot read.
const braced = String.raw`\$(?:\{[A-Za-z_]\w*\}|(?!\{))`;
const word = new RegExp(
  String.raw`(?:[^\p{White_Space}"'\\$]|\\.|'[^']*'|"(?:[^"\\$]|\\.|${braced})*"|${braced})+|\p{White_Space}+`,
  "suy",
);

/** The here-documents of an instruction, in their order; undefined when builders may disagree about them. */
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
