import { context, metrics, trace, type Attributes, type Meter, type Tracer } from "@opentelemetry/api";
import type { Attributes as Annotations, Observation, ObservedWork, Observer } from "@molecule/core";
import { imageAttributes } from "./image-attributes.js";
import { createInstruments, type Instruments } from "./instruments.js";
import { recordFailure } from "./record-failure.js";
import { traceSteps } from "./trace-steps.js";
import { version } from "./version.js";

/** The tracer and meter, if not the global ones. */
export interface TelemetryOptions {
  /** Default: that of the globally registered provider; a no-op if there is none. */
  readonly tracer?: Tracer;
  /** Default: that of the globally registered provider; a no-op if there is none. */
  readonly meter?: Meter;
}

const scope = "@molecule/telemetry";

type Outcome = Parameters<Observation["end"]>[0];

/**
 * Returns an observer that records a span for each piece of work (`molecule.ensure`, `molecule.refresh`,
 * `molecule.plan`), below the span that is active when it begins, and a span below it for each step. It also records
 * the metrics of `molecule.image.…`. Its input is already masked, so no attribute holds a secret.
 */
export function openTelemetryObserver(options: TelemetryOptions = {}): Observer {
  const { tracer = trace.getTracer(scope, version), meter = metrics.getMeter(scope, version) } = options;
  const instruments = createInstruments(meter);
  return {
    begin: (work) => beginWork(work, tracer, instruments),
    refused: ({ verb, source }, { code }) => {
      const attributes = { "molecule.source": source, "molecule.verb": verb, "error.type": code };
      instruments.refusals.add(1, attributes);
    },
  };
}

function beginWork(work: ObservedWork, tracer: Tracer, instruments: Instruments): Observation {
  const common: Attributes = { "molecule.source": work.source, "molecule.runtime": work.runtime };
  const began = performance.now();
  const span = tracer.startSpan(`molecule.${work.verb}`, { attributes: common });
  const steps = traceSteps({
    tracer,
    context: trace.setSpan(context.active(), span),
    attributes: common,
    onFinished: ({ step, ok, bytes }) => {
      if (step === "build" && ok) instruments.builds.add(1, common);
      if (bytes > 0) instruments.bytes.add(bytes, { ...common, "molecule.step": step });
    },
  });
  return {
    event: steps.event,
    annotate: (annotations) => {
      span.setAttributes(asAttributes(annotations));
    },
    end: (outcome) => {
      steps.end();
      if ("error" in outcome) recordFailure(span, outcome.error);
      else span.setAttributes(imageAttributes(outcome.image));
      count(work, outcome, common, (performance.now() - began) / 1000, instruments);
      span.end();
    },
  };
}

function asAttributes(annotations: Annotations): Attributes {
  const entries = Object.entries(annotations).map(([name, value]) => [
    name,
    typeof value === "object" ? [...value] : value,
  ]);
  return Object.fromEntries(entries) as Attributes;
}

function count(
  { verb }: ObservedWork,
  outcome: Outcome,
  common: Attributes,
  seconds: number,
  instruments: Instruments,
): void {
  const duration = { ...common, "molecule.verb": verb };
  if ("error" in outcome) {
    const { code } = outcome.error;
    instruments.failures.add(1, { ...common, "error.type": code });
    if (verb !== "plan") instruments.duration.record(seconds, { ...duration, "error.type": code });
    return;
  }
  const { cached } = outcome.image;
  if (cached === null) return;
  (cached ? instruments.hits : instruments.misses).add(1, common);
  instruments.duration.record(seconds, { ...duration, "molecule.cached": cached });
}
