import { createInterface } from "node:readline";
import type { Terminal } from "../terminal/terminal.js";

/** Whether there is a person who can be asked. */
export function canAsk({ stdin, stderr }: Terminal): boolean {
  return stdin.isTTY && stderr.isTTY;
}

/** Asks a question that is answered with y or n; anything else, an end of input too, is a no. Rejects when interrupted. */
export async function confirm(question: string, { stdin, stderr, signal }: Terminal): Promise<boolean> {
  const asked = createInterface({ input: stdin, output: stderr, terminal: false });
  try {
    return await new Promise<boolean>((resolve, reject) => {
      signal.addEventListener("abort", () => {
        reject(signal.reason as Error);
      });
      asked.once("line", (line) => {
        resolve(/^y(?:es)?$/i.test(line.trim()));
      });
      asked.once("close", () => {
        resolve(false);
      });
      stderr.write(`${question} [y/N] `);
    });
  } finally {
    asked.close();
    stdin.unref();
  }
}
