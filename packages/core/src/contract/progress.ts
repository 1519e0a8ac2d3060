import type { Step } from "../errors/step.js";
import type { RuntimeName } from "../values/runtime-name.js";

/** What people see while they wait. Every `started` is followed by exactly one `finished` of the same `id`. */
export type ProgressEvent = { readonly runtime: RuntimeName; readonly step: Step; readonly id: number } & (
  | { readonly type: "started"; /** With what: a URL, a reference, a commit. */ readonly what: string }
  | { readonly type: "output"; /** One line, escaped and masked. */ readonly line: string }
  | {
      readonly type: "amount";
      readonly done: number;
      /** Unknown: undefined. */
      readonly total: number | undefined;
      readonly unit: "bytes" | "steps";
    }
  | {
      readonly type: "quiet";
      /** Why nothing may be heard for long, which is no stall. */ readonly why: string;
    }
  | { readonly type: "finished"; readonly ok: boolean; readonly durationMs: number }
);

/**
 * Takes events. While a promise that it returned is pending, a source reads no more of a long output, so that a slow
 * listener slows a build instead of filling the memory; waiting for it is no stall. Anything else that it returns is ignored,
 * and so is what it throws or rejects with: a broken display must not break a build.
 */
export type ProgressListener = (event: ProgressEvent) => unknown;

/** What a running step may report. */
export interface StepReport {
  /** One line of output from outside (a build, a server); line ends inside are split. */
  readonly output: (text: string) => void;
  readonly amount: (done: number, total: number | undefined, unit: "bytes" | "steps") => void;
  /**
   * From here on nothing may be heard for long, and that is no stall: an export, another's turn. Ends with the next
   * thing that any step reports. The deadline still counts.
   */
  readonly quiet: (why: string) => void;
  /**
   * Undefined when every listener can take more, else a promise that resolves then. For long outputs: wait for it before
   * reading on.
   */
  readonly drained?: () => Promise<void> | undefined;
}

/** Hears nothing. */
export const silentReport: StepReport = {
  output: () => undefined,
  amount: () => undefined,
  quiet: () => undefined,
};

/** How a source reports: only through steps, so that beginnings and ends are always in balance. */
export interface Progress {
  /** Runs the work as one step. A failure inside is stamped with the step's name. */
  step<T>(step: Step, what: string, work: (report: StepReport) => Promise<T>): Promise<T>;
}

/** Steps that nobody hears of. */
export const silentProgress: Progress = { step: (_step, _what, work) => work(silentReport) };
