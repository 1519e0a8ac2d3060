import type { Writable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { lostOutputStatus } from "./options/exit-status.js";
import { printError, printLine } from "./terminal/print.js";
import { processTerminal } from "./terminal/process-terminal.js";
import { runCommandLine, tellUncaught } from "./command-line/run-command-line.js";
import { version } from "./command-line/version.js";

const argv = process.argv.slice(2);
const terminal = processTerminal();
/** How long a command may clean up after something that nobody caught. */
const cleanUpMs = 5_000;

let escaped = false;
// What a dependency throws in a callback of its own. Node would print it as it is.
for (const event of ["uncaughtException", "unhandledRejection"] as const) {
  process.on(event, (error: unknown) => {
    if (process.exitCode !== undefined || escaped) return;
    escaped = true;
    const print = terminal.abandon();
    void Promise.race([running, delay(cleanUpMs)]).then(() => {
      print();
      return leave(tellUncaught(error, argv, terminal));
    });
  });
}
// Not awaited at the top: the bundle is a script, which starts faster than a module.
const running = runCommandLine(argv, version, terminal);
void running.then((status) => (escaped ? undefined : leave(status)));

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
