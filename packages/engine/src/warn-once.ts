import type { Log } from "@molecule/core";

/** Where an engine's warnings go. */
export type Warn = Log["warn"];

/** Says each warning once: what is said with every call is read by nobody. Without `warn`, undefined. */
export function warnOnce(warn: Warn | undefined): Warn | undefined {
  if (warn === undefined) return undefined;
  const said = new Set<string>();
  return (message, fields) => {
    const key = JSON.stringify([message, fields]);
    if (said.has(key)) return;
    said.add(key);
    warn(message, fields);
  };
}
