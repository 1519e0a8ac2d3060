import { usage } from "../options/usage.js";
import type { Terminal } from "../terminal/terminal.js";
import { pathFromHere } from "./path-from-here.js";

/**
 * Parses `--template RUNTIME=DIR`: returns absolute paths by runtime. Throws `USAGE`, also for a second directory of one
 * runtime and for a runtime that the command does not request, because a directory would be ignored.
 */
export function templateFlags(
  written: readonly string[],
  runtimes: readonly string[],
  terminal: Terminal,
): Readonly<Record<string, string>> {
  const directories = new Map<string, string>();
  for (const entry of written) {
    const [, runtime, directory] = /^([^=]+)=(.+)$/s.exec(entry) ?? [];
    if (runtime === undefined || directory === undefined) throw unreadable(entry);
    if (!runtimes.includes(runtime)) throw notRequested(runtime, runtimes);
    const path = pathFromHere(directory, terminal);
    if ((directories.get(runtime) ?? path) !== path) throw namedTwice(runtime);
    directories.set(runtime, path);
  }
  return Object.fromEntries(directories);
}

function unreadable(entry: string): Error {
  return usage(
    `--template ${JSON.stringify(entry)} does not name a runtime and a directory`,
    "Write --template RUNTIME=DIR, for example --template hermes=./my-template.",
  );
}

function namedTwice(runtime: string): Error {
  return usage(`--template names two directories for ${runtime}`, "Pass --template once for each runtime.");
}

function notRequested(runtime: string, runtimes: readonly string[]): Error {
  return usage(
    `--template names ${JSON.stringify(runtime)}, but the command is for ${runtimes.join(", ")}`,
    `Correct the runtime of --template, or add ${runtime} to the command.`,
  );
}
