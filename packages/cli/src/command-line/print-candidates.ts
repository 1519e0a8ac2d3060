import { createProgram } from "./command-line.js";
import type { Terminal } from "../terminal/terminal.js";
import { complete } from "../completion/complete.js";

/** One candidate a line, a tab, a word about it. Nobody reads an error in the middle of typing: there are none. */
export async function printCandidates(words: readonly string[], terminal: Terminal): Promise<void> {
  const program = createProgram(() => undefined);
  const candidates = await complete(program, words, terminal).catch(() => []);
  terminal.stdout.write(candidates.map(([value, about]) => `${value}\t${about}\n`).join(""));
}
