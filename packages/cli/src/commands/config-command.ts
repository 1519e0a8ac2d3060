import type { CommonOptions } from "../options/common-options.js";
import { openCommandHost } from "../host/open-command-host.js";
import { printJson, printLine } from "../terminal/print.js";
import type { Terminal } from "../terminal/terminal.js";

/** Prints the effective configuration and where each value came from, with secrets masked. */
export async function configCommand(options: CommonOptions, terminal: Terminal): Promise<number> {
  const host = await openCommandHost(options, terminal);
  try {
    const values = (await host.values()).map((entry) => ({
      ...entry,
      value: JSON.parse(host.mask.text(JSON.stringify(entry.value))) as unknown,
    }));
    if (options.json === true) {
      printJson(terminal.stdout, { values });
      return 0;
    }
    for (const { path, value, origin } of values) {
      printLine(terminal.stdout, `${path} = ${JSON.stringify(value)}  (${origin})`);
    }
    return 0;
  } finally {
    await host.close();
  }
}
