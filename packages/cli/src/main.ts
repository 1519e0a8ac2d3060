import type { Writable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { lostOutputStatus } from "./options/exit-status.js";
import { printError, printLine } from "./terminal/print.js";
import { processTerminal } from "./terminal/process-terminal.js";
import { runCommandLine, reportUncaught } from "./command-line/run-command-line.js";
import { version } from "./command-line/version.js";

const argv = process.argv.slice(2);
const terminal = processTerminal();
/** How long a command may clean up after an uncaught error. */
const cleanUpMs = 5_000;

let escaped = false;
// A dependency may throw in its own callback; Node would print that error unmasked.
for (const event of ["uncaughtException", "unhandledRejection"] as const) {
  process.on(event, (error: unknown) => {
    if (process.exitCode !== undefined || escaped) return;
    escaped = true;
    const print = terminal.abandon();
    void Promise.race([running, delay(cleanUpMs)]).then(() => {
      print();
      return leave(reportUncaught(error, argv, terminal));
    });
  });
}
// Not awaited at the top: the bundle is a script, which starts faster than a module.
const running = runCommandLine(argv, version, terminal);
void running.then((status) => (escaped ? undefined : leave(status)));

// Exits explicitly, because a plugin may leave a handle open. Pending output is flushed first.
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

/** Resolves when all pending output has been written, or has failed. */
function written(stream: Writable): Promise<void> {
  return new Promise((resolve) => {
    stream.write("", () => {
      // The stream emits its error after this callback.
      setImmediate(resolve);
    });
  });
}
