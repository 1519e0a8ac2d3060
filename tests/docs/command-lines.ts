import type { Snippet } from "./snippets.js";

/** A command as it stands in a document. */
export interface CommandLine {
  /** `file:line` of the document. */
  readonly place: string;
  /** Set before the command, or with `export`. */
  readonly variables: readonly string[];
  readonly program: string;
  readonly args: readonly string[];
}

/** Behind a `$` where the block has one, for the rest is output then; else every line. */
export function commandLines({ file, line, code }: Snippet): readonly CommandLine[] {
  const lines = code.split("\n").map((text, index) => ({ text, place: `${file}:${String(line + index)}` }));
  const typed = lines.filter(({ text }) => text.startsWith("$ "));
  return (typed.length > 0 ? typed : lines).flatMap(({ text, place }) =>
    parts(words(text.replace(/^\$ /, ""))).map((part) => ({ place, ...commandOf(part) })),
  );
}

/** Words as a shell makes them; nothing is expanded, comments are left out. */
function words(text: string): readonly string[] {
  const [uncommented = ""] = /^(?:'[^']*'|"[^"]*"|[^'"#]|(?<=\S)#)*/.exec(text) ?? [];
  const found = uncommented.match(/&&|\|\||[|;<>]|(?:'[^']*'|"[^"]*"|\\.|[^\s'"|;<>&\\])+/g) ?? [];
  return found.map((word) => word.replaceAll(/'([^']*)'|"([^"]*)"/g, "$1$2"));
}

/** Commands of one line; what stands behind a redirection is none. */
function parts(all: readonly string[]): readonly (readonly string[])[] {
  const found: string[][] = [[]];
  for (const word of all) {
    if (/^(?:&&|\|\||[|;<>])$/.test(word)) found.push(/[<>]/.test(word) ? ["<"] : []);
    else found.at(-1)?.push(word);
  }
  return found.filter(([first]) => first !== undefined && first !== "<");
}

function commandOf(all: readonly string[]): Omit<CommandLine, "place"> {
  const rest = all[0] === "export" ? all.slice(1) : [...all];
  const isAssignment = (word: string): boolean => /^[A-Za-z_]\w*=/.test(word);
  const end = rest.findIndex((word) => !isAssignment(word));
  const assignments = end === -1 ? rest : rest.slice(0, end);
  const [program = "", ...args] = end === -1 ? [] : rest.slice(end);
  return { variables: assignments.map((word) => word.split("=")[0] ?? ""), program, args };
}
