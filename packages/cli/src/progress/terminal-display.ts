import { slowSteps, type ProgressDisplay } from "./progress-display.js";
import type { LiveDisplay, LiveOptions } from "./live-display.js";
import { createRuntimeRow, type RuntimeRow } from "./runtime-row.js";

/** A line for each runtime, redrawn in place. Nothing is shown, and nothing loaded, before the first slow step. */
export function terminalDisplay(
  stderr: NodeJS.WriteStream,
  runtimes: readonly string[],
  options: Omit<LiveOptions, "now">,
): ProgressDisplay {
  const now = (): number => performance.now();
  const rows = new Map<string, RuntimeRow>(
    runtimes.map((runtime) => [runtime, createRuntimeRow(runtime, now())]),
  );
  let opening: Promise<LiveDisplay> | undefined;

  async function open(): Promise<LiveDisplay> {
    const { openLiveDisplay } = await import("./live-display.js");
    return openLiveDisplay(stderr, [...rows.values()], { ...options, now });
  }

  return {
    listener: (event) => {
      rows.get(event.runtime)?.follow(event);
      if (slowSteps.has(event.step)) opening ??= open();
    },
    settle: (runtime, error) => {
      rows.get(runtime)?.settle(error, now());
    },
    close: async () => {
      (await opening)?.close();
    },
  };
}
