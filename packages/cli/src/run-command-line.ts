import { createMask, internal, isImageSourceError, maskError } from "@molecule/core";
import { tokenVariable } from "@molecule/template-build";
import { parseCommandLine } from "./command-line.js";
import { exitStatus } from "./exit-status.js";
import { printError, printJson } from "./print.js";
import type { Terminal } from "./terminal.js";

/** Runs one command; answers its exit status. Never rejects. */
export async function runCommandLine(
  argv: readonly string[],
  version: string,
  terminal: Terminal,
): Promise<number> {
  // Arguments are repeated in what is said about them.
  const mask = createMask([terminal.env[tokenVariable] ?? ""]);
  // Before the arguments are understood, their look is all there is to go by.
  let json = argv.includes("--json");
  let hasResults = ["ensure", "plan", "refresh"].some((command) => argv.includes(command));
  try {
    const invocation = parseCommandLine(argv, version);
    if (typeof invocation === "string") {
      terminal.stdout.write(invocation);
      return 0;
    }
    json = invocation.options.json === true;
    hasResults = invocation.hasResults;
    return await invocation.run(terminal);
  } catch (error) {
    const known = maskError(isImageSourceError(error) ? error : internal(error), mask);
    if (json) printJson(terminal.stdout, hasResults ? { error: known, results: [] } : { error: known });
    else printError(terminal.stderr, known);
    return exitStatus([known.code], terminal);
  }
}
