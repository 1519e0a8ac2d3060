import { readDirectives } from "./read-directives.js";
import type { ParsingRules } from "./read-instructions.js";

/** The rules by which current builders parse this Dockerfile. */
export function currentParsingRules(text: string): ParsingRules {
  return { escape: readDirectives(text).escape, heredocs: true, continuesDoubled: false };
}
