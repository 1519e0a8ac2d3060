import type { Counter, Histogram, Meter } from "@opentelemetry/api";

/** The metrics. Each has `molecule.source` and, except for refusals, `molecule.runtime`. */
export interface Instruments {
  readonly hits: Counter;
  readonly misses: Counter;
  readonly builds: Counter;
  /** By `molecule.step`: bytes pulled, or sent as a build context. */
  readonly bytes: Counter;
  /** By `error.type`: the code. */
  readonly failures: Counter;
  /** By `error.type` and `molecule.verb`. Without the runtime: a caller can ask for any. */
  readonly refusals: Counter;
  /** Of `ensure` and `refresh`, in seconds. Those that failed have `error.type`. */
  readonly duration: Histogram;
}

/** In seconds: from a hit to a build that nearly times out. The SDK's own are for milliseconds. */
const durations = [0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5, 15, 30, 60, 120, 300, 600, 1200, 1800];

export function createInstruments(meter: Meter): Instruments {
  const counter = (name: string, description: string, unit: string): Counter =>
    meter.createCounter(`molecule.image.${name}`, { description, unit });
  return {
    hits: counter("hits", "Images that already existed.", "{image}"),
    misses: counter("misses", "Images that were built or pulled.", "{image}"),
    builds: counter("builds", "Builds that succeeded.", "{build}"),
    bytes: counter("bytes", "Bytes transferred by steps.", "By"),
    failures: counter("failures", "Pieces of work that failed, by code.", "{failure}"),
    refusals: counter("refusals", "Calls that were refused before any work began, by code.", "{refusal}"),
    duration: meter.createHistogram("molecule.image.duration", {
      description: "Time until an image was ready, or the work failed.",
      unit: "s",
      advice: { explicitBucketBoundaries: [...durations] },
    }),
  };
}
