import { readDirectives } from "./read-directives.js";
import type { Reading } from "./read-instructions.js";

/** The rules by which current builders parse this Dockerfile. */
export function usualReading(text: string): Reading {
  return { escape: readDirectives(text).escape, heredocs: true, continuesDoubled: false };
}
