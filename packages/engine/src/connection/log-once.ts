import type { Log } from "@molecule/core";

/** Receives messages for the machine's owner about an engine. A winston logger satisfies it. */
export type EngineLog = Pick<Log, "info" | "warn">;

/** Returns a log that writes each message once, because a message repeated on every call goes unread. */
export function logOnce(log: EngineLog): EngineLog {
  const logged = new Set<string>();
  const once =
    (level: keyof EngineLog): Log["warn"] =>
    (message, fields) => {
      const key = JSON.stringify([message, fields]);
      if (logged.has(key)) return;
      logged.add(key);
      log[level](message, fields);
    };
  return { info: once("info"), warn: once("warn") };
}
