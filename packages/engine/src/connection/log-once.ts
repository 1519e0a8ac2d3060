import type { Log } from "@molecule/core";

/** Where goes what the owner of the machine should know of an engine. A winston logger satisfies it. */
export type EngineLog = Pick<Log, "info" | "warn">;

/** Logs each message once: nobody reads a message that every call repeats. */
export function logOnce(log: EngineLog): EngineLog {
  const said = new Set<string>();
  const once =
    (level: keyof EngineLog): Log["warn"] =>
    (message, fields) => {
      const key = JSON.stringify([message, fields]);
      if (said.has(key)) return;
      said.add(key);
      log[level](message, fields);
    };
  return { info: once("info"), warn: once("warn") };
}
