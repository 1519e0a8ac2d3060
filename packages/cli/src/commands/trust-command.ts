import { trustProjectFile } from "@molecule/host";
import type { CommonOptions } from "../options/common-options.js";
import { shipped } from "../host/open-command-host.js";
import { printJson, printLine } from "../terminal/print.js";
import { pathFromHere } from "../host/path-from-here.js";
import type { Terminal } from "../terminal/terminal.js";

/** Accepts a project file as it is now: that of the operand or of `--config`, else the one that is found by searching. */
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
  else printLine(terminal.stdout, `trusted ${trusted.path} as it is now (${trusted.digest})`);
  return 0;
}
