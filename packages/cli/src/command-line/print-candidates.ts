import { createProgram } from "./command-line.js";
import type { Terminal } from "../terminal/terminal.js";
import { complete } from "../completion/complete.js";

/**
 * Prints one candidate per line, followed by a tab and its description. Errors are dropped: they would garble the
 * prompt.
 */
export async function printCandidates(words: readonly string[], terminal: Terminal): Promise<void> {
  const program = createProgram(() => undefined);
  const candidates = await complete(program, words, terminal).catch(() => []);
  terminal.stdout.write(candidates.map(([value, about]) => `${value}\t${about}\n`).join(""));
}
