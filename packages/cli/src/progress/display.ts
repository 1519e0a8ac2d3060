import type { ImageSourceError, ProgressListener, Step } from "@molecule/core";

/** Shows what is going on, on stderr. */
export interface ProgressDisplay {
  readonly listener: ProgressListener;
  /** Says that a runtime is ready, or why it is not; what was shown of it comes to rest. */
  readonly settle: (runtime: string, error?: ImageSourceError) => void;
  /** Lets something be written that may go to the same terminal, such as a result. */
  aside(write: () => void): Promise<void>;
  /** Leaves the terminal to others. */
  close(): Promise<void>;
}

/** Steps that people wait for; the others are over before they could be read. */
export const slowSteps: ReadonlySet<Step> = new Set<Step>([
  "wait",
  "checkout",
  "context",
  "build",
  "pull",
  "load",
  "push",
]);

/** Where nothing is redrawn nobody is in the way. */
export function writeAtOnce(write: () => void): Promise<void> {
  write();
  return Promise.resolve();
}
