import type { CallerOptions, ImageProvider, Mask } from "@molecule/core";
import type { CommonOptions } from "../options/common-options.js";
import { eachRuntime, failureCodes, type Outcome } from "../options/each-runtime.js";
import { exitStatus } from "../options/exit-status.js";
import { openCommandHost } from "../host/open-command-host.js";
import { printError, printJson, printLine, printTrace } from "../terminal/print.js";
import { createProgressDisplay } from "../progress/progress-display.js";
import { printCancelled } from "../terminal/print-cancelled.js";
import type { Terminal } from "../terminal/terminal.js";

/** Runs `ensure`, `plan` or `refresh`: requests each runtime's image, shows progress and prints the results. */
export async function askImages<Image>(
  runtimes: readonly string[],
  options: CommonOptions,
  terminal: Terminal,
  ask: (images: ImageProvider, runtime: string, caller: CallerOptions) => Promise<Image>,
  show: (runtime: string, image: Image) => readonly string[],
): Promise<number> {
  const outcomes = await outcomesOf(runtimes, options, terminal, ask);
  print(outcomes, options, terminal, show);
  return exitStatus(failureCodes(outcomes), terminal);
}

/** Resolves once all work has stopped and the log is flushed, so that the results are printed last. */
async function outcomesOf<Image>(
  runtimes: readonly string[],
  options: CommonOptions,
  terminal: Terminal,
  ask: (images: ImageProvider, runtime: string, caller: CallerOptions) => Promise<Image>,
): Promise<Outcome<Image>[]> {
  const host = await openCommandHost(options, terminal, { runtimes });
  try {
    const images = await host.createProvider();
    const display = createProgressDisplay(options, terminal, runtimes);
    const caller = { signal: terminal.signal, onProgress: display.listener };
    const outcomes = await eachRuntime(runtimes, (runtime) => ask(images, runtime, caller), display.settle);
    // Cancelled work must clean up before the process ends.
    await images.close();
    await display.close();
    return outcomes.map((outcome) => masked(outcome, terminal.mask));
  } finally {
    await host.close();
  }
}

/** Masks a rejected runtime name: it may be a secret pasted into the wrong place. */
function masked<Image>(outcome: Outcome<Image>, mask: Mask): Outcome<Image> {
  return outcome.ok ? outcome : { ...outcome, runtime: mask.text(outcome.runtime) };
}

function print<Image>(
  outcomes: readonly Outcome<Image>[],
  options: CommonOptions,
  terminal: Terminal,
  show: (runtime: string, image: Image) => readonly string[],
): void {
  const { stdout, stderr } = terminal;
  if (options.json === true) printJson(stdout, { results: outcomes });
  else
    for (const outcome of outcomes)
      if (outcome.ok) for (const line of show(outcome.runtime, outcome.image)) printLine(stdout, line);
  // Failures last, so that no result hides them on a terminal.
  for (const outcome of outcomes) {
    if (outcome.ok) continue;
    if (options.logLevel === "debug") printTrace(stderr, outcome.error);
    if (options.json === true || outcome.error.code === "CANCELLED") continue;
    // The message already names the runtime.
    const isNamed = outcome.error.code === "RUNTIME_UNKNOWN";
    printError(stderr, outcome.error, isNamed ? undefined : outcome.runtime);
  }
  if (options.json !== true && failureCodes(outcomes).includes("CANCELLED")) printCancelled(terminal);
}
