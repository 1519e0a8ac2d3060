/** The parser directives at the beginning of a Dockerfile. */
export interface Directives {
  /** The frontend images that `# syntax=` names. */
  readonly syntaxes: readonly { readonly line: number; readonly image: string }[];
  readonly escape: string;
}

const directive = /^\s*(?:#|\/\/)\s*([A-Za-z][A-Za-z0-9]*)\s*=(.*)$/s;

/** Like github.com/moby/buildkit/frontend/dockerfile/parser. Returns every directive that any of its versions finds. */
export function readDirectives(text: string): Directives {
  const syntaxes: { line: number; image: string }[] = [];
  let escape = "\\";
  for (const [index, line] of text
    .replace(/^\uFEFF/, "")
    .split("\n")
    .entries()) {
    if (index === 0 && line.startsWith("#!")) continue;
    const [, name, written = ""] = directive.exec(line) ?? [];
    const value = written.trim();
    if (name === undefined || value === "") break;
    if (name.toLowerCase() === "syntax")
      syntaxes.push({ line: index + 1, image: value.split(/\s/, 1)[0] ?? "" });
    if (name.toLowerCase() === "escape" && value.startsWith("`")) escape = "`";
  }
  return { syntaxes, escape };
}
