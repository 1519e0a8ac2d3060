import type { ErrorCode, Mode, Step } from "@molecule/core";

/** A step of scripted progress. */
export interface FakeStep {
  readonly step: Step;
  /** Default: the image's reference. */
  readonly what?: string;
  /** Lines of output. */
  readonly output?: readonly string[];
  /** Amounts done, in this order. */
  readonly amounts?: readonly {
    readonly done: number;
    readonly total?: number;
    readonly unit: "bytes" | "steps";
  }[];
  /** How long the step takes, in milliseconds on the fake's clock. Default: 0. */
  readonly latencyMs?: number;
}

interface Course {
  /** The steps of the work that the result needs. Default: `checkout` and `build`, or `pull`. */
  readonly progress?: readonly FakeStep[];
  /**
   * How long the call takes in addition to its steps, in milliseconds on the fake's clock, which only `elapse` moves.
   * `Infinity` means until the call is aborted or times out. Default: 0.
   */
  readonly latencyMs?: number;
}

interface Result extends Course {
  readonly fails?: undefined;
  readonly imageId?: `sha256:${string}`;
  /** Default: `linux/amd64`. */
  readonly platform?: `linux/${string}`;
  /** Whether the image exists already. Default: whether an earlier call has built or pulled it. */
  readonly cached?: boolean;
  /** Whether the image is a last-good one. Default: false. */
  readonly stale?: boolean;
}

/** A built image. Facts that are left out are derived from the runtime and the options of the call. */
export interface FakeBuild extends Result {
  /** The full hash of a commit. */
  readonly revision?: string;
  readonly digest?: never;
}

/** A pulled image. Facts that are left out are derived from the runtime and the options of the call. */
export interface FakePull extends Result {
  readonly digest?: `sha256:${string}`;
  readonly revision?: never;
}

/** A failed call. */
export interface FakeFailure extends Course {
  /** The code of the error. */
  readonly fails: ErrorCode;
  /** Default: `scripted failure`, and the code. */
  readonly message?: string;
  readonly hint?: string;
  /** The last lines of a failed build. */
  readonly output?: string;
  /** The step that fails. Default: the one that usually fails with the code. */
  readonly step?: Step;
}

/** The result or the failure of one call. */
export type FakeOutcome<M extends Mode> = FakeFailure | (M extends "registry" ? FakePull : FakeBuild);

/**
 * The outcomes of one runtime: each `ensure` or `refresh` uses the next one, and the last one repeats. Calls that run at
 * the same time use the same one. `plan` uses none up.
 */
export type FakeOutcomes<M extends Mode> =
  FakeOutcome<M> | readonly [FakeOutcome<M>, ...(readonly FakeOutcome<M>[])];

/** The script of a fake image provider. */
export interface FakeScript<Name extends string, M extends Mode> {
  /** `local` builds images, `registry` pulls them. Default: `local`. */
  readonly mode?: M;
  /** The outcomes by runtime. Any other runtime is `RUNTIME_UNKNOWN`. */
  readonly runtimes: Readonly<Record<Name, FakeOutcomes<M>>>;
  /** The time limit of calls without a `timeoutMs`. Default: 30 minutes. */
  readonly timeoutMs?: number;
}
