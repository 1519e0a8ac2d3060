import type { ErrorCode } from "../errors/errors.js";
import type { Step } from "../errors/step.js";
import type { RuntimeName } from "../values/runtime-name.js";

/** A progress event. Every `started` is followed by exactly one `finished` with the same `id`. */
export type ProgressEvent = { readonly runtime: RuntimeName; readonly step: Step; readonly id: number } & (
  | { readonly type: "started"; /** With what: a URL, a reference, a commit. */ readonly what: string }
  | { readonly type: "output"; /** One line, escaped and masked. */ readonly line: string }
  | {
      readonly type: "amount";
      readonly done: number;
      /** Undefined if unknown. */
      readonly total: number | undefined;
      readonly unit: "bytes" | "steps";
    }
  | {
      readonly type: "quiet";
      /** Why no progress is expected for a while, which is not a stall. */ readonly why: string;
    }
  | {
      readonly type: "finished";
      readonly ok: boolean;
      readonly durationMs: number;
      /** The reason, escaped and masked. Set only if not `ok`. */
      readonly error?: StepError;
    }
);

/** The failure of a step. A step that is retried, or that has an alternative, can fail in work that succeeds. */
export interface StepError {
  readonly code: ErrorCode;
  readonly message: string;
}

/**
 * Takes events. While a promise that it returned is pending, a source reads no more of a long output, so that a slow
 * listener slows a build instead of filling the memory; waiting for it is not a stall. Other return values are ignored,
 * and so are exceptions and rejections: a broken display must not break a build.
 */
export type ProgressListener = (event: ProgressEvent) => unknown;

/** The reporting interface of a running step. */
export interface StepReport {
  /** One line of output from outside (a build, a server); line ends inside are split. */
  readonly output: (text: string) => void;
  readonly amount: (done: number, total: number | undefined, unit: "bytes" | "steps") => void;
  /**
   * Announces that no progress is expected for a while, which is not a stall: an export, or waiting for a lock. Ends
   * with the next report of any step. The deadline still applies.
   */
  readonly quiet: (why: string) => void;
  /**
   * Lets this step go that long without a report, if that is longer than the idle timeout, until the step ends or this
   * is called again. For an engine that counts bytes in large units, or does not report some of its work. Undefined:
   * the idle timeout applies again.
   */
  readonly allowIdle?: (milliseconds: number | undefined) => void;
  /**
   * Returns undefined if every listener can take more, else a promise that resolves when they can. For long outputs:
   * wait for it before reading on.
   */
  readonly drained?: () => Promise<void> | undefined;
}

/**
 * How long a builder may go without a report that announces neither downloaded bytes nor commits, as Podman and buildah:
 * a layer of several gigabytes takes minutes of either.
 */
export const unreportedWorkMs = 15 * 60_000;

/** A report that discards everything. */
export const silentReport: StepReport = {
  output: () => undefined,
  amount: () => undefined,
  quiet: () => undefined,
};

/** How a source reports progress: only through steps, so that starts and ends always balance. */
export interface Progress {
  /** Runs the work as one step. Errors thrown inside carry the step's name. */
  step<T>(step: Step, what: string, work: (report: StepReport) => Promise<T>): Promise<T>;
}

/** A progress that discards all reports. */
export const silentProgress: Progress = { step: (_step, _what, work) => work(silentReport) };
