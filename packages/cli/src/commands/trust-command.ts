import { trustProjectFile } from "@molecule/host";
import type { CommonOptions } from "../options/common-options.js";
import { shipped } from "../host/open-command-host.js";
import { printJson, printLine } from "../terminal/print.js";
import { pathFromHere } from "../host/path-from-here.js";
import type { Terminal } from "../terminal/terminal.js";

/** Trusts the current content of a project file: the operand, `--config`, or the file found by searching. */
export async function trustCommand(
  [operand]: string[],
  options: CommonOptions,
  terminal: Terminal,
): Promise<number> {
  const file = operand ?? options.config;
  const trusted = await trustProjectFile({
    cwd: pathFromHere(options.cwd ?? ".", terminal),
    env: terminal.env,
    file: file === undefined ? undefined : pathFromHere(file, terminal),
    signal: terminal.signal,
    shipped,
  });
  if (options.json === true) printJson(terminal.stdout, { trusted });
  else printLine(terminal.stdout, `trusted the current content of ${trusted.path} (${trusted.digest})`);
  return 0;
}
