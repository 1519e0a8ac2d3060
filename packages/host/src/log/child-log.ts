import type { Log } from "@molecule/core";

/** Returns a log that adds these fields to every line. Fields of the line itself take precedence. */
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
