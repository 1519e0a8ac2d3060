import { slowSteps, type ProgressDisplay } from "./display.js";
import type { LiveDisplay, LiveOptions } from "./live-display.js";
import { createRuntimeRow, type RuntimeRow } from "./runtime-row.js";

/**
 * Shows a line for each runtime, redrawn in place. Shows and loads nothing before the first slow step. A runtime that
 * is not in `runtimes` gets its line with its first event.
 */
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
    return openLiveDisplay(stderr, () => [...rows.values()], { ...options, now });
  }

  return {
    listener: (event) => {
      const isSlow = slowSteps.has(event.step);
      if (isSlow && !rows.has(event.runtime)) rows.set(event.runtime, createRuntimeRow(event.runtime, now()));
      rows.get(event.runtime)?.follow(event);
      if (isSlow) opening ??= open();
    },
    settle: (runtime, error) => {
      rows.get(runtime)?.settle(error, now());
    },
    aside: async (write) => {
      if (opening === undefined) write();
      else (await opening).aside(write);
    },
    close: async () => {
      (await opening)?.close();
    },
  };
}
