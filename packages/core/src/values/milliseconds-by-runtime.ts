import type { RuntimeName } from "./runtime-name.js";

/** Milliseconds for every runtime, or a map from runtime names to them, with `default` for the others. */
export type MillisecondsByRuntime =
  number | ({ readonly default: number } & Readonly<Record<string, number>>);

/** Returns the milliseconds for a runtime; without one, those of `default`. */
export function millisecondsFor(times: MillisecondsByRuntime, runtime?: RuntimeName): number {
  if (typeof times === "number") return times;
  // A name such as `constructor` must not find an inherited property.
  const own = runtime !== undefined && Object.hasOwn(times, runtime) ? times[runtime] : undefined;
  return own ?? times.default;
}
