import { types } from "node:util";
import { escapeControls, type Log, type Mask } from "@molecule/core";

const maxDepth = 6;

/** Wraps a log to mask secrets and escape control characters in messages and nested fields. */
export function maskedLog(log: Log, mask: Mask): Log {
  const clean = (text: string): string => escapeControls(mask.text(text));

  function cleaned(value: unknown, depth: number): unknown {
    if (typeof value === "string") return clean(value);
    if (typeof value === "bigint" || typeof value === "symbol" || typeof value === "function")
      return clean(String(value));
    if (typeof value !== "object" || value === null) return value;
    if (depth > maxDepth) return "…";
    if (Array.isArray(value)) return value.map((item) => cleaned(item, depth + 1));
    return Object.fromEntries(entriesOf(value).map(([key, item]) => [clean(key), cleaned(item, depth + 1)]));
  }

  const write =
    (level: keyof Log): Log[keyof Log] =>
    (message, fields) => {
      const text = clean(message);
      if (fields === undefined) log[level](text);
      else log[level](text, cleaned(fields, 0) as Record<string, unknown>);
    };
  return { debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") };
}

/** Returns the entries to log of an object. The main properties of an error are not enumerable. */
function entriesOf(value: object): readonly (readonly [string, unknown])[] {
  if (!types.isNativeError(value)) return Object.entries(value);
  const { name, message, stack, cause } = value;
  return [
    ...Object.entries({ name, message, stack, cause }).filter(([, item]) => item !== undefined),
    ...Object.entries(value),
  ];
}
