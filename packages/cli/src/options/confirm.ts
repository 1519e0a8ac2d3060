import { createInterface } from "node:readline";
import type { Terminal } from "../terminal/terminal.js";

/** Whether stdin and stderr are terminals, so that a question can be asked. */
export function canAsk({ stdin, stderr }: Terminal): boolean {
  return stdin.isTTY && stderr.isTTY;
}

/** Asks a yes/no question. Anything but y or yes, including end of input, means no. Rejects when interrupted. */
export async function confirm(question: string, { stdin, stderr, signal }: Terminal): Promise<boolean> {
  const prompt = createInterface({ input: stdin, output: stderr, terminal: false });
  stderr.write(`${question} [y/N] `);
  try {
    signal.throwIfAborted();
    const line = await new Promise<string | undefined>((resolve, reject) => {
      signal.addEventListener("abort", () => {
        reject(signal.reason as Error);
      });
      prompt.once("line", resolve);
      prompt.once("close", () => {
        resolve(undefined);
      });
    });
    if (line === undefined) stderr.write("\n");
    return /^y(?:es)?$/i.test(line?.trim() ?? "");
  } catch (error) {
    // The cursor is still behind the question.
    stderr.write("\n");
    throw error;
  } finally {
    prompt.close();
    stdin.unref();
  }
}
