import { usage } from "../options/usage.js";
import type { Terminal } from "../terminal/terminal.js";
import { pathFromHere } from "./path-from-here.js";

/** Parses `--template RUNTIME=DIR`: returns absolute paths by runtime. The last one of a runtime counts. Throws `USAGE`. */
export function templateFlags(
  written: readonly string[],
  terminal: Terminal,
): Readonly<Record<string, string>> {
  const entries = written.map((entry) => {
    const [, runtime, directory] = /^([^=]+)=(.+)$/s.exec(entry) ?? [];
    if (runtime !== undefined && directory !== undefined)
      return [runtime, pathFromHere(directory, terminal)] as const;
    throw usage(
      `--template ${JSON.stringify(entry)} does not name a runtime and a directory`,
      "Write --template RUNTIME=DIR, for example --template hermes=./my-template.",
    );
  });
  return Object.fromEntries(entries);
}
