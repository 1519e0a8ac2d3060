import { posix } from "node:path";
import { BadPattern, compileIgnorePattern, type IgnorePattern } from "./ignore-pattern.js";
import { templateInvalid } from "./template-invalid.js";

/** One pattern of a .dockerignore, cleaned; an exception begins with `!`. */
export interface IgnoreLine {
  readonly pattern: string;
  /** Counted from 1. */
  readonly line: number;
}

/** Decides which files the build context omits. Paths are relative, with slashes. */
export interface IgnoreMatcher {
  ignores(path: string): boolean;
  /** Whether an ignored directory must still be walked, because an exception may include something below it. */
  mayHoldKept(directory: string): boolean;
}

// The white space of Go's strings.TrimSpace; String.trim differs in U+0085 and U+FEFF.
const blanks = /^\p{White_Space}+|\p{White_Space}+$/gu;

/** Returns the patterns of a .dockerignore in order, like github.com/moby/patternmatcher/ignorefile. */
export function parseDockerignore(text: string): IgnoreLine[] {
  return text
    .replace(/^\uFEFF/, "")
    .split(/\r?\n/)
    .flatMap((written, index) => {
      const pattern = written.startsWith("#") ? "" : cleanLine(written.replaceAll(blanks, ""));
      return pattern === "" ? [] : [{ pattern, line: index + 1 }];
    });
}

function cleanLine(trimmed: string): string {
  if (trimmed === "") return "";
  const isException = trimmed.startsWith("!");
  const body = isException ? trimmed.slice(1).replaceAll(blanks, "") : trimmed;
  const cleaned = body === "" ? "" : cleanPath(body).replace(/^\/(?=.)/s, "");
  // Upstream trims and cleans again when it compiles: `/ a` is `a`, and nothing is left after the `!` of `!/`.
  const again = `${isException ? "!" : ""}${cleaned}`.replaceAll(blanks, "");
  return again === "" ? "" : cleanPath(again);
}

/** Like Go's filepath.Clean: removes `.`, resolvable `..`, and doubled and trailing slashes. */
function cleanPath(path: string): string {
  return posix.normalize(path).replace(/(?<=.)\/$/s, "");
}

interface Rule extends IgnorePattern {
  readonly isException: boolean;
}

/** Throws `TEMPLATE_INVALID`, naming the file and the line, if a pattern cannot be used. */
export function createIgnoreMatcher(lines: readonly IgnoreLine[], file: string): IgnoreMatcher {
  const rules = lines.map((line) => compileRule(line, file));
  const exceptions = rules.filter(({ isException }) => isException);
  return {
    ignores(path) {
      let ignored = false;
      for (const rule of rules) {
        // Skips patterns that would not change the result.
        if (rule.isException === ignored && rule.matches(path)) ignored = !rule.isException;
      }
      return ignored;
    },
    mayHoldKept: (directory) => exceptions.some((rule) => rule.mayMatchBelow(directory)),
  };
}

function compileRule({ pattern, line }: IgnoreLine, file: string): Rule {
  const isException = pattern.startsWith("!");
  const body = isException ? pattern.slice(1) : pattern;
  try {
    if (body === "") throw new BadPattern("nothing follows the !");
    return { isException, ...compileIgnorePattern(body) };
  } catch (error) {
    if (!(error instanceof BadPattern)) throw error;
    throw templateInvalid(
      `line ${String(line)} of ${file} has the pattern ${JSON.stringify(pattern)}, which cannot be used: ${error.message}`,
      `Correct the pattern in ${file} of the template; a backslash escapes the next character.`,
    );
  }
}
