import type { ImageSourceError, ProgressListener, Step } from "@molecule/core";

/** Shows progress on stderr. */
export interface ProgressDisplay {
  readonly listener: ProgressListener;
  /** Marks a runtime as ready or failed. Its row no longer changes. */
  readonly settle: (runtime: string, error?: ImageSourceError) => void;
  /** Runs a write that may go to the same terminal, such as a result. */
  aside(write: () => void): Promise<void>;
  /** Stops drawing on the terminal. */
  close(): Promise<void>;
}

/** The steps worth showing; others end before anybody could read them. */
export const slowSteps: ReadonlySet<Step> = new Set<Step>([
  "wait",
  "checkout",
  "context",
  "build",
  "pull",
  "load",
  "push",
]);

/** Writes immediately, for displays that never redraw. */
export function writeAtOnce(write: () => void): Promise<void> {
  write();
  return Promise.resolve();
}
