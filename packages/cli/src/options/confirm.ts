import { createInterface } from "node:readline";
import type { Terminal } from "../terminal/terminal.js";

/** Whether stdin and stderr are terminals, so that the user can be prompt. */
export function canAsk({ stdin, stderr }: Terminal): boolean {
  return stdin.isTTY && stderr.isTTY;
}

/** Asks a yes/no question. Anything but y or yes, including end of input, means no. Rejects when interrupted. */
export async function confirm(question: string, { stdin, stderr, signal }: Terminal): Promise<boolean> {
  const prompt = createInterface({ input: stdin, output: stderr, terminal: false });
  try {
    return await new Promise<boolean>((resolve, reject) => {
      signal.addEventListener("abort", () => {
        reject(signal.reason as Error);
      });
      prompt.once("line", (line) => {
        resolve(/^y(?:es)?$/i.test(line.trim()));
      });
      prompt.once("close", () => {
        resolve(false);
      });
      stderr.write(`${question} [y/N] `);
    });
  } finally {
    prompt.close();
    stdin.unref();
  }
}
