import { maskError } from "@molecule/core";
import type { SourceEntry } from "@molecule/host";
import type { CommonOptions } from "../options/common-options.js";
import { exitStatus } from "../options/exit-status.js";
import { openCommandHost } from "../host/open-command-host.js";
import { printJson, printLine } from "../terminal/print.js";
import type { Terminal } from "../terminal/terminal.js";

/**
 * Lists the plugins found, which one is selected, and why. A configured plugin that cannot be used is listed with the
 * reason and sets the exit status.
 */
export async function sourcesCommand(options: CommonOptions, terminal: Terminal): Promise<number> {
  const host = await openCommandHost(options, terminal);
  try {
    const sources = (await host.sources()).map((source) => ({
      ...source,
      error: source.error === null ? null : maskError(source.error, host.mask),
    }));
    const failed = sources.flatMap(({ error }) => (error === null ? [] : [error.code]));
    if (options.json === true) printJson(terminal.stdout, { sources });
    else for (const source of sources) show(source, terminal);
    return exitStatus(failed, terminal);
  } finally {
    await host.close();
  }
}

function show(source: SourceEntry, { stdout }: Terminal): void {
  const { name, version, place, apiVersion, modes, selected, because, error } = source;
  const mark = selected ? "*" : " ";
  if (error === null) {
    const facts = `${modes.join(", ")}; api ${String(apiVersion)}; ${place ?? ""}`;
    printLine(stdout, `${mark} ${name} ${version ?? ""} (${facts})`);
  } else {
    printLine(stdout, `${mark} ${name} (cannot be used: ${error.message} [${error.code}])`);
  }
  if (because !== null) printLine(stdout, `    selected because ${because}`);
  if (error !== null) printLine(stdout, `    hint: ${error.hint}`);
}
