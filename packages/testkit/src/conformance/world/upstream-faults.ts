/** Ends a fault: the upstream works again. */
export type EndFault = () => Promise<void>;

/**
 * The ways to break an upstream that is not behind `world.door`. Each method starts a fault and returns a function that
 * ends it, which the suite calls before `stop`. The laws that need a missing method are skipped, and reported as skipped.
 */
export interface UpstreamFaults {
  /** Every access fails: the server is stopped, the directory is gone. */
  fail?(): Promise<EndFault>;
  /** Every access is denied, for example because the credentials are wrong. */
  refuse?(): Promise<EndFault>;
  /** Everything that was published is missing. */
  lose?(): Promise<EndFault>;
  /** Every access returns garbage instead of what was published. */
  lie?(): Promise<EndFault>;
  /** Every access waits forever, unless the caller aborts it. */
  hang?(): Promise<EndFault>;
  /** Every access returns data without end, or at least 256 MiB. */
  flood?(): Promise<EndFault>;
}

/** The name of a fault. */
export type UpstreamFault = keyof UpstreamFaults;
