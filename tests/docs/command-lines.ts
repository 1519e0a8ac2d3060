import type { Snippet } from "./snippets.js";

/** A command in a document. */
export interface CommandLine {
  /** `file:line` of the document. */
  readonly place: string;
  /** Set before the command, or with `export`. Excludes names in lower case, which are local to a script. */
  readonly variables: readonly string[];
  readonly program: string;
  readonly args: readonly string[];
}

/** Lines that start with `$` if the block has any, because the rest is output then; else every line. */
export function commandLines({ file, line, code }: Snippet): readonly CommandLine[] {
  const lines = code.split("\n").map((text, index) => ({ text, place: `${file}:${String(line + index)}` }));
  const typed = lines.filter(({ text }) => text.startsWith("$ "));
  return (typed.length > 0 ? typed : lines).flatMap(({ text, place }) =>
    parts(words(text.replace(/^\$ /, ""))).map((part) => ({ place, ...commandOf(part) })),
  );
}

/** Splits words as a shell does; expands nothing and drops comments. */
function words(text: string): readonly string[] {
  const [uncommented = ""] = /^(?:'[^']*'|"[^"]*"|[^'"#]|(?<=\S)#)*/.exec(text) ?? [];
  const found = uncommented.match(/&&|\|\||[|;<>]|(?:'[^']*'|"[^"]*"|\\.|[^\s'"|;<>&\\])+/g) ?? [];
  return found.map((word) => word.replaceAll(/'([^']*)'|"([^"]*)"/g, "$1$2"));
}

/** Single-line commands, without redirections. */
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
  const names = assignments.map((word) => word.split("=")[0] ?? "");
  return { variables: names.filter((name) => name === name.toUpperCase()), program, args };
}
