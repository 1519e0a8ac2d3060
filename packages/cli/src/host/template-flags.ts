import { usage } from "../options/usage.js";
import type { Terminal } from "../terminal/terminal.js";
import { pathFromHere } from "./path-from-here.js";

/**
 * Parses `--template RUNTIME=DIR`: returns absolute paths by runtime. The last one of a runtime counts. Throws `USAGE`,
 * also for a runtime that the command does not request, because its template would be ignored.
 */
export function templateFlags(
  written: readonly string[],
  runtimes: readonly string[],
  terminal: Terminal,
): Readonly<Record<string, string>> {
  const entries = written.map((entry) => {
    const [, runtime, directory] = /^([^=]+)=(.+)$/s.exec(entry) ?? [];
    if (runtime === undefined || directory === undefined) throw unreadable(entry);
    if (!runtimes.includes(runtime)) throw notRequested(runtime, runtimes);
    return [runtime, pathFromHere(directory, terminal)] as const;
  });
  return Object.fromEntries(entries);
}

function unreadable(entry: string): Error {
  return usage(
    `--template ${JSON.stringify(entry)} does not name a runtime and a directory`,
    "Write --template RUNTIME=DIR, for example --template hermes=./my-template.",
  );
}

function notRequested(runtime: string, runtimes: readonly string[]): Error {
  return usage(
    `--template names ${JSON.stringify(runtime)}, but the command is for ${runtimes.join(", ")}`,
    `Correct the runtime of --template, or add ${runtime} to the command.`,
  );
}
