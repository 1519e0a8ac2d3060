import type { CommonOptions } from "../common-options.js";
import { openCommandHost } from "../open-command-host.js";
import { printJson, printLine } from "../print.js";
import type { Terminal } from "../terminal.js";

/** The plugins found, and which one is selected because of what. */
export async function sourcesCommand(options: CommonOptions, terminal: Terminal): Promise<number> {
  const host = await openCommandHost(options, terminal);
  try {
    const sources = await host.sources();
    if (options.json === true) {
      printJson(terminal.stdout, { sources });
      return 0;
    }
    for (const { name, version, place, apiVersion, modes, selected, because } of sources) {
      const mark = selected ? "*" : " ";
      const api = `api ${String(apiVersion)}`;
      printLine(terminal.stdout, `${mark} ${name} ${version ?? ""} (${modes.join(", ")}; ${api}; ${place})`);
      if (because !== null) printLine(terminal.stdout, `    selected because ${because}`);
    }
    return 0;
  } finally {
    await host.close();
  }
}
