/** Undefined if the value is not known before the build. */
export type Expanded = string | undefined;

/** The value of a variable: undefined if it is not set, null if only the builder knows it. */
export type Variables = (name: string) => string | undefined | null;

/** No image name is longer, but a value that doubles with every ARG soon would be. */
const maxLength = 1024;

/**
 * Expands a word of a Dockerfile as its builder does: removes quotes and escapes, replaces `$X`, `${X}`, `${X:-word}`
 * and `${X:+word}`. Other forms differ between builders and count as unknown, as does anything longer than
 * any image name.
 */
export function expandWord(word: string, variables: Variables, escape: string): Expanded {
  if (word.length > maxLength) return undefined;
  const characters = Array.from(word);
  let at = 0;

  function until(end: string | undefined): Expanded {
    let text = "";
    while (at < characters.length && characters[at] !== end) {
      const part = next();
      if (part === undefined) return undefined;
      text += part;
    }
    return end === undefined || characters[at] === end ? text : undefined;
  }

  function next(): Expanded {
    const character = characters[at] ?? "";
    at += 1;
    if (character === escape) return characters[at++];
    if (character === "'") return singleQuoted();
    if (character === '"') return doubleQuoted();
    return character === "$" ? variable() : character;
  }

  function singleQuoted(): Expanded {
    const end = characters.indexOf("'", at);
    if (end === -1) return undefined;
    const text = characters.slice(at, end).join("");
    at = end + 1;
    return text;
  }

  function doubleQuoted(): Expanded {
    let text = "";
    for (;;) {
      const character = characters[at++];
      if (character === undefined) return undefined;
      if (character === '"') return text;
      const following = characters[at] ?? "";
      if (character === escape && ['"', "$", escape].includes(following)) {
        text += following;
        at += 1;
      } else if (character === "$") {
        const value = variable();
        if (value === undefined) return undefined;
        text += value;
      } else {
        text += character;
      }
    }
  }

  function variable(): Expanded {
    const isBraced = characters[at] === "{";
    if (isBraced) at += 1;
    const [name] = /^[A-Za-z_][A-Za-z0-9_]*/.exec(characters.slice(at).join("")) ?? [];
    if (name === undefined) return undefined;
    at += name.length;
    const value = variables(name);
    if (!isBraced || characters[at] === "}") {
      if (isBraced) at += 1;
      return value ?? undefined;
    }
    return alternative(value);
  }

  function alternative(value: string | undefined | null): Expanded {
    const [colon, operator] = [characters[at], characters[at + 1]];
    if (colon !== ":" || (operator !== "-" && operator !== "+")) return undefined;
    at += 2;
    const word = until("}");
    at += 1;
    if (value === null) return undefined;
    const isSet = value !== undefined && value !== "";
    if (operator === "-") return isSet ? value : word;
    return isSet ? word : "";
  }

  const expanded = until(undefined);
  return expanded !== undefined && expanded.length <= maxLength ? expanded : undefined;
}
