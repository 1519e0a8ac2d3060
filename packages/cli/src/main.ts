import type { Writable } from "node:stream";
import { lostOutputStatus } from "./exit-status.js";
import { printError, printLine } from "./print.js";
import { processTerminal } from "./process-terminal.js";
import { runCommandLine, tellUncaught } from "./run-command-line.js";
import { version } from "./version.js";

const argv = process.argv.slice(2);
const terminal = processTerminal();
// What a dependency throws in a callback of its own. Node would print it as it is.
for (const event of ["uncaughtException", "unhandledRejection"] as const) {
  process.on(event, (error: unknown) => {
    if (process.exitCode === undefined) void leave(tellUncaught(error, argv, terminal));
  });
}
// Not awaited at the top: the bundle is a script, which starts faster than a module.
void runCommandLine(argv, version, terminal).then(leave);

// Not left to the last open handle: a plugin may have forgotten one. What was written goes out first.
async function leave(status: number): Promise<void> {
  process.exitCode = status;
  const { stdout, stderr } = terminal;
  await written(stdout);
  const lost = terminal.lostOutput();
  if (lost?.error !== undefined) printError(stderr, lost.error);
  else if (lost !== undefined) printLine(stderr, `molecule-image: ${lost.message}`);
  await written(stderr);
  process.exit(lostOutputStatus(terminal) ?? status);
}

/** Resolves when all that was written is out, or cannot be. */
function written(stream: Writable): Promise<void> {
  return new Promise((resolve) => {
    stream.write("", () => {
      // A failure is told after the callback.
      setImmediate(resolve);
    });
  });
}
