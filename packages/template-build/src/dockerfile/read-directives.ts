/** What the comments at the beginning of a Dockerfile say. */
export interface Directives {
  /** The images that `# syntax=` asks to have the file read by. */
  readonly syntaxes: readonly { readonly line: number; readonly image: string }[];
  readonly escape: string;
}

const directive = /^\s*(?:#|\/\/)\s*([A-Za-z][A-Za-z0-9]*)\s*=(.*)$/s;

/** As github.com/moby/buildkit/frontend/dockerfile/parser finds them; where its versions differ, all that any finds. */
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
