import { exitStatusByCode, internal, isImageSourceError, maskError } from "@molecule/core";
import { parseCommandLine } from "./command-line.js";
import { askCandidates } from "../completion/ask-candidates.js";
import { exitStatus } from "../options/exit-status.js";
import { printError, printJson, printTrace } from "../terminal/print.js";
import { printCancelled } from "../terminal/print-cancelled.js";
import type { Terminal } from "../terminal/terminal.js";

/** Runs one command and returns its exit status. Never rejects. */
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
  let style = reportStyleOf(argv);
  try {
    const invocation = parseCommandLine(argv, version);
    if (typeof invocation === "string") {
      terminal.stdout.write(invocation);
      return 0;
    }
    const { json = false, logLevel } = invocation.options;
    style = { json, isTraced: logLevel === "debug", hasResults: invocation.hasResults };
    return await invocation.run(terminal);
  } catch (error) {
    return reportFailure(error, style, terminal);
  }
}

/** Reports an uncaught error as `INTERNAL` and returns the exit status. */
export function reportUncaught(error: unknown, argv: readonly string[], terminal: Terminal): number {
  return reportFailure(internal(error), reportStyleOf(argv), terminal);
}

/** How a failure is reported. */
interface ReportStyle {
  readonly json: boolean;
  readonly isTraced: boolean;
  readonly hasResults: boolean;
}

// Works on raw arguments, because parsing them may be what failed.
function reportStyleOf(argv: readonly string[]): ReportStyle {
  return {
    json: argv.includes("--json"),
    isTraced: /(?:^| )--log-level[= ]debug(?: |$)/.test(argv.join(" ")),
    hasResults: ["ensure", "plan", "refresh"].some((command) => argv.includes(command)),
  };
}

function reportFailure(
  error: unknown,
  { json, isTraced, hasResults }: ReportStyle,
  terminal: Terminal,
): number {
  // The lost output is reported when the process exits.
  if (terminal.lostOutput() !== undefined) return exitStatusByCode.CANCELLED;
  const known = maskError(isImageSourceError(error) ? error : internal(error), terminal.mask);
  if (isTraced) printTrace(terminal.stderr, known);
  if (json) printJson(terminal.stdout, hasResults ? { error: known, results: [] } : { error: known });
  else if (known.code === "CANCELLED") printCancelled(terminal);
  else printError(terminal.stderr, known);
  return exitStatus([known.code], terminal);
}
