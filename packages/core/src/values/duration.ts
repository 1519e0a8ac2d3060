import { configInvalid } from "../errors/error-table.js";

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Parses `500ms`, `30s`, `5m`, `6h` or `1d` to milliseconds. Throws `CONFIG_INVALID`, also for zero and fractions. */
export function parseDuration(written: string): number {
  const [, amount, unit = ""] = /^([1-9]\d{0,8})(ms|s|m|h|d)$/.exec(written) ?? [];
  const milliseconds = Number(amount) * (unitMs[unit] ?? Number.NaN);
  // Node's timers hold 31 bits: anything longer would fire immediately.
  if (milliseconds <= 2 ** 31 - 1) return milliseconds;
  throw configInvalid(
    `${JSON.stringify(written)} is not a duration of at most 24 days`,
    "Write a whole number and a unit: 500ms, 30s, 5m, 6h or 1d.",
  );
}
