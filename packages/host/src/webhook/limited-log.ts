import type { Clock, Log } from "@molecule/core";

const intervalMs = 60_000;

/** Logs a warning that others can cause at most once a minute, with the number of those in between. */
export function limitedLog(log: Log, clock: Clock): Pick<Log, "warn"> {
  let nextAt = -Infinity;
  let suppressed = 0;
  return {
    warn(message, fields) {
      const now = clock.monotonicMs();
      if (now < nextAt) {
        suppressed += 1;
        return;
      }
      log.warn(message, suppressed === 0 ? fields : { ...fields, suppressed });
      nextAt = now + intervalMs;
      suppressed = 0;
    },
  };
}
