import { processTerminal } from "./process-terminal.js";
import { runCommandLine, tellUncaught } from "./run-command-line.js";
import { version } from "./version.js";

const argv = process.argv.slice(2);
const terminal = processTerminal();
// What a dependency throws in a callback of its own. Node would print it as it is.
for (const event of ["uncaughtException", "unhandledRejection"] as const) {
  process.on(event, (error: unknown) => {
    if (process.exitCode === undefined) leave(tellUncaught(error, argv, terminal));
  });
}
// Not awaited at the top: the bundle is a script, which starts faster than a module.
void runCommandLine(argv, version, terminal).then(leave);

// Not left to the last open handle: a plugin may have forgotten one. What was written goes out first.
function leave(status: number): void {
  process.exitCode = status;
  process.stdout.write("", () => {
    process.stderr.write("", () => {
      process.exit(status);
    });
  });
}
