import type { Log } from "@molecule/core";

/** A log whose every line also carries these fields; those of the line itself outrank them. */
export function childLog(log: Log, common: Readonly<Record<string, unknown>>): Log {
  return {
    debug: (message, fields) => {
      log.debug(message, { ...common, ...fields });
    },
    info: (message, fields) => {
      log.info(message, { ...common, ...fields });
    },
    warn: (message, fields) => {
      log.warn(message, { ...common, ...fields });
    },
    error: (message, fields) => {
      log.error(message, { ...common, ...fields });
    },
  };
}
