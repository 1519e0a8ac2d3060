import { diagnose } from "@molecule/host";
import type { CommonOptions } from "../options/common-options.js";
import { commandHostOptions } from "../host/open-command-host.js";
import { printJson, printLine } from "../terminal/print.js";
import type { Terminal } from "../terminal/terminal.js";

const marks = { ok: "ok ", warn: "!! ", bad: "BAD" } as const;

/** Checks the setup and the named runtimes. Returns 1 if any check fails. */
export async function doctorCommand(
  runtimes: readonly string[],
  options: CommonOptions,
  terminal: Terminal,
): Promise<number> {
  const hostOptions = commandHostOptions(options, terminal);
  try {
    const findings = await diagnose(hostOptions, { signal: terminal.signal, runtimes });
    if (options.json === true) printJson(terminal.stdout, { findings });
    else {
      const width = Math.max(...findings.map(({ id }) => id.length));
      for (const { id, ok, level = ok ? "ok" : "bad", message, hint } of findings) {
        printLine(terminal.stdout, `${marks[level]}  ${id.padEnd(width)}  ${message}`);
        if (level !== "ok") printLine(terminal.stdout, `     ${" ".repeat(width)}  hint: ${hint}`);
      }
    }
    return findings.every(({ ok }) => ok) ? 0 : 1;
  } finally {
    await hostOptions.logger.close();
  }
}
