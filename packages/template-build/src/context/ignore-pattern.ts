/*
 * Matches one pattern of a .dockerignore by the rules of github.com/moby/patternmatcher. Not a RegExp: the pattern comes
 * from the template, and a few `**` can keep a backtracking engine busy for hours. This automaton tracks all states at the
 * same time, so its run time is bounded by the lengths of pattern and path.
 */

/** Why a pattern is invalid, in one phrase. */
export class BadPattern extends Error {}

type CharacterRange = readonly [low: number, high: number];

type Token =
  | { readonly kind: "character"; readonly code: number }
  | { readonly kind: "class"; readonly negated: boolean; readonly ranges: readonly CharacterRange[] }
  /** `?` */
  | { readonly kind: "one" }
  /** `*` */
  | { readonly kind: "some" }
  /** The `**` at the end of a pattern: matches everything that follows. */
  | { readonly kind: "rest" }
  /** Any other `**`: matches nothing, or whole directories. Always followed by `directories`. */
  | { readonly kind: "optional" }
  | { readonly kind: "directories" };

const slash = "/".codePointAt(0) ?? 0;
const newline = "\n".codePointAt(0) ?? 0;

export interface IgnorePattern {
  /** Whether it matches the path or a directory above it. Paths are relative, with slashes. */
  matches(path: string): boolean;
  /** Whether it might match something below that directory. */
  mayMatchBelow(directory: string): boolean;
}

/** Throws {@link BadPattern}. The pattern must be clean: no leading `!`, no trailing slash. */
export function compileIgnorePattern(pattern: string): IgnorePattern {
  const { tokens, crossesNewlines } = tokenize(pattern);

  function add(states: Set<number>, state: number): void {
    if (states.has(state)) return;
    states.add(state);
    const kind = tokens[state]?.kind;
    if (kind === "some" || kind === "rest" || kind === "optional") add(states, state + 1);
    if (kind === "optional") add(states, state + 2);
  }

  function step(states: ReadonlySet<number>, code: number): Set<number> {
    const next = new Set<number>();
    for (const state of states) {
      const token = tokens[state];
      if (token === undefined) continue;
      switch (token.kind) {
        case "character":
          if (token.code === code) add(next, state + 1);
          break;
        case "class":
          if (isInClass(token, code)) add(next, state + 1);
          break;
        case "one":
          if (code !== slash) add(next, state + 1);
          break;
        case "some":
          if (code !== slash) add(next, state);
          break;
        case "rest":
          if (crossesNewlines || code !== newline) add(next, state);
          break;
        case "directories":
          if (crossesNewlines || code !== newline) add(next, state);
          if (code === slash) add(next, state + 1);
          break;
        case "optional":
          break;
      }
    }
    return next;
  }

  function start(): Set<number> {
    const states = new Set<number>();
    add(states, 0);
    return states;
  }

  return {
    matches(path) {
      let states = start();
      let isFirst = true;
      for (const character of path) {
        const code = character.codePointAt(0) ?? 0;
        // Everything below a matching directory matches too.
        if (code === slash && !isFirst && states.has(tokens.length)) return true;
        states = step(states, code);
        if (states.size === 0) return false;
        isFirst = false;
      }
      return states.has(tokens.length);
    },
    mayMatchBelow(directory) {
      let states = start();
      for (const character of `${directory}/`) states = step(states, character.codePointAt(0) ?? 0);
      return [...states].some((state) => state < tokens.length);
    },
  };
}

function isInClass(token: Token & { kind: "class" }, code: number): boolean {
  return token.ranges.some(([low, high]) => low <= code && code <= high) !== token.negated;
}

function tokenize(pattern: string): { tokens: readonly Token[]; crossesNewlines: boolean } {
  const characters = Array.from(pattern);
  const tokens: Token[] = [];
  // Upstream compares plain texts for names, `name/**` and `**name`, and uses a regular expression, whose dot stops
  // at a newline and whose leading `**` takes only whole directories, for everything else.
  let isPlain = true;
  let suffixOnly = false;
  let at = 0;
  while (at < characters.length) {
    const character = characters[at] ?? "";
    if (character === "*" && characters[at + 1] === "*") {
      const isLeading = at === 0;
      at += characters[at + 2] === "/" ? 3 : 2;
      if (at >= characters.length) {
        if (tokens.some(({ kind }) => kind !== "character")) isPlain = false;
        tokens.push({ kind: "rest" });
      } else {
        tokens.push({ kind: "optional" }, { kind: "directories" });
        if (!isLeading) isPlain = false;
        suffixOnly = isLeading && at === 2;
      }
      continue;
    }
    at += 1;
    if (character === "*" || character === "?") {
      tokens.push({ kind: character === "*" ? "some" : "one" });
      isPlain = false;
    } else if (character === "[") {
      const parsed = parseClass(characters, at);
      tokens.push(parsed.token);
      at = parsed.end;
      isPlain = false;
    } else if (character === "\\") {
      const escaped = characters[at];
      if (escaped === undefined) throw new BadPattern("it ends with a backslash");
      tokens.push({ kind: "character", code: escaped.codePointAt(0) ?? 0 });
      at += 1;
      isPlain = false;
    } else {
      tokens.push({ kind: "character", code: character.codePointAt(0) ?? 0 });
      if (character === "]") isPlain = false;
    }
  }
  if (isPlain && suffixOnly) tokens.splice(0, 2, { kind: "rest" });
  return { tokens, crossesNewlines: isPlain };
}

function parseClass(characters: readonly string[], from: number): { token: Token; end: number } {
  const negated = characters[from] === "^";
  let at = negated ? from + 1 : from;
  const ranges: CharacterRange[] = [];

  function member(): number {
    let character = characters[at];
    if (character === "-" || character === "]")
      throw new BadPattern(`a ${character} is misplaced between [ and ]`);
    if (character === "\\") character = characters[(at += 1)];
    at += 1;
    if (character === undefined || at >= characters.length) throw new BadPattern("a [ is not closed");
    return character.codePointAt(0) ?? 0;
  }

  while (ranges.length === 0 || characters[at] !== "]") {
    const low = member();
    let high = low;
    if (characters[at] === "-") {
      at += 1;
      high = member();
    }
    if (low > high) throw new BadPattern("a range between [ and ] is reversed");
    ranges.push([low, high]);
  }
  return { token: { kind: "class", negated, ranges }, end: at + 1 };
}
