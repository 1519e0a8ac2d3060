import { exitStatusByCode, internal, isImageSourceError, maskError } from "@molecule/core";
import { parseCommandLine } from "./command-line.js";
import { askCandidates } from "./ask-candidates.js";
import { exitStatus } from "../options/exit-status.js";
import { printError, printJson, printTrace } from "../terminal/print.js";
import type { Terminal } from "../terminal/terminal.js";

/** Runs one command; answers its exit status. Never rejects. */
export async function runCommandLine(
  argv: readonly string[],
  version: string,
  terminal: Terminal,
): Promise<number> {
  if (argv[0] === askCandidates) {
    const { printCandidates } = await import("./print-candidates.js");
    await printCandidates(argv.slice(1), terminal);
    return 0;
  }
  let look = lookOf(argv);
  try {
    const invocation = parseCommandLine(argv, version);
    if (typeof invocation === "string") {
      terminal.stdout.write(invocation);
      return 0;
    }
    const { json = false, logLevel } = invocation.options;
    look = { json, isTraced: logLevel === "debug", hasResults: invocation.hasResults };
    return await invocation.run(terminal);
  } catch (error) {
    return tellFailure(error, look, terminal);
  }
}

/** Tells of what nobody caught, a bug wherever it happened; answers the exit status. */
export function tellUncaught(error: unknown, argv: readonly string[], terminal: Terminal): number {
  return tellFailure(internal(error), lookOf(argv), terminal);
}

/** How a command wants to be told. */
interface Look {
  readonly json: boolean;
  readonly isTraced: boolean;
  readonly hasResults: boolean;
}

// Before the arguments are understood, this is all there is to go by.
function lookOf(argv: readonly string[]): Look {
  return {
    json: argv.includes("--json"),
    isTraced: /(?:^| )--log-level[= ]debug(?: |$)/.test(argv.join(" ")),
    hasResults: ["ensure", "plan", "refresh"].some((command) => argv.includes(command)),
  };
}

function tellFailure(error: unknown, { json, isTraced, hasResults }: Look, terminal: Terminal): number {
  // That is all there is to say then, and it is said in the end.
  if (terminal.lostOutput() !== undefined) return exitStatusByCode.CANCELLED;
  const known = maskError(isImageSourceError(error) ? error : internal(error), terminal.mask);
  if (isTraced) printTrace(terminal.stderr, known);
  if (json) printJson(terminal.stdout, hasResults ? { error: known, results: [] } : { error: known });
  else printError(terminal.stderr, known);
  return exitStatus([known.code], terminal);
}
