import type { Call, Log, Step } from "@molecule/core";

/** A step as the suite observed it. */
export interface StepSeen {
  readonly step: Step;
  readonly what: string;
  finished: boolean;
}

/** A call that the suite makes, recording everything the source reports during it. */
export interface WatchedCall extends Call {
  readonly steps: readonly StepSeen[];
  /** Violations: reports for steps that had already ended, and invalid amounts. */
  readonly disorder: readonly string[];
  /** Called when a step begins, with the number of steps so far. */
  onStep: (count: number) => void;
}

export interface WatchedCallOptions {
  readonly log: Log;
  /** Called with every text that the source reports. */
  readonly hear: (text: string) => void;
  readonly signal?: AbortSignal;
  readonly fresh?: boolean;
}

export function watchCall({ log, hear, signal, fresh = false }: WatchedCallOptions): WatchedCall {
  const steps: StepSeen[] = [];
  const disorder: string[] = [];
  const call: WatchedCall = {
    signal: signal ?? new AbortController().signal,
    log,
    fresh,
    steps,
    disorder,
    onStep: () => undefined,
    progress: {
      async step(step, what, work) {
        const seen: StepSeen = { step, what, finished: false };
        const report = (text: string): void => {
          if (seen.finished) disorder.push(`${step} reports after its end: ${text.slice(0, 80)}`);
          hear(text);
        };
        steps.push(seen);
        hear(what);
        try {
          call.onStep(steps.length);
          return await work({
            output: report,
            quiet: report,
            amount: (done) => {
              report(String(done));
              if (!(done >= 0)) disorder.push(`${step} reports the amount ${String(done)}`);
            },
          });
        } finally {
          seen.finished = true;
        }
      },
    },
  };
  return call;
}
