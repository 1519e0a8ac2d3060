import { floodBytes } from "./door.js";

/** Reports a flood of lines, as a build might. */
export async function floodOutput(output: (line: string) => void): Promise<void> {
  const line = "x".repeat(64 * 1024);
  for (let turn = 0; turn < floodBytes / line.length; turn += 1) {
    output(`${String(turn)} ${line}`);
    if (turn % 64 === 0) await new Promise(setImmediate);
  }
}
