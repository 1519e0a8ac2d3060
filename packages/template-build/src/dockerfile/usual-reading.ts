import { readDirectives } from "./read-directives.js";
import type { Reading } from "./read-instructions.js";

/** How current builders read this Dockerfile. */
export function usualReading(text: string): Reading {
  return { escape: readDirectives(text).escape, heredocs: true, continuesDoubled: false };
}
