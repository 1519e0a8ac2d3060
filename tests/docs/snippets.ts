import { documents, read } from "./documents.js";

/** A fenced block of a document. */
export interface Snippet {
  readonly file: string;
  /** The number of its first line of code, counted from 1. */
  readonly line: number;
  readonly language: string;
  /** The word after the language: `output` for a program's output. */
  readonly note: string;
  /** What the block assumes: the text of a comment `<!-- given: … -->` right above it. */
  readonly given: string;
  readonly code: string;
}

const block =
  /(?:<!-- given:\s(?<given>(?:(?!-->)[\s\S])*?)\s*-->\n+)?^ *```(?<language>\w*) ?(?<note>[^\n]*)\n(?<code>[\s\S]*?)^ *```$/gm;

/** Returns every block in one of these languages, from every document. */
export function snippets(...languages: readonly string[]): readonly Snippet[] {
  return documents.flatMap(snippetsOf).filter(({ language }) => languages.includes(language));
}

function snippetsOf(file: string): readonly Snippet[] {
  const text = read(file);
  return [...text.matchAll(block)].map(({ index, 0: whole, groups }) => {
    const { language = "", note = "", given = "", code = "" } = groups ?? {};
    const codeAt = index + whole.lastIndexOf(code, whole.length - 3);
    return { file, line: text.slice(0, codeAt).split("\n").length, language, note, given, code };
  });
}

/** Its location, for the name of a test. */
export const placeOf = ({ file, line }: Snippet): string => `${file}:${String(line)}`;
