import { processTerminal } from "./process-terminal.js";
import { runCommandLine } from "./run-command-line.js";
import { version } from "./version.js";

const status = await runCommandLine(process.argv.slice(2), version, processTerminal());

// Not left to the last open handle: a plugin may have forgotten one. What was written goes out first.
process.exitCode = status;
process.stdout.write("", () => {
  process.stderr.write("", () => {
    process.exit(status);
  });
});
