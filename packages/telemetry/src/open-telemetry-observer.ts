import {
  context,
  metrics,
  SpanStatusCode,
  trace,
  type Attributes,
  type Meter,
  type Span,
  type Tracer,
} from "@opentelemetry/api";
import type { Observation, ObservedWork, Observer } from "@molecule/core";
import { imageAttributes } from "./image-attributes.js";
import { createInstruments, type Instruments } from "./instruments.js";
import { traceSteps } from "./trace-steps.js";

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
 * One span for each piece of work (`molecule.ensure`, `molecule.refresh`, `molecule.plan`), below the span that is
 * active when it begins, with one for each step in it; counters of hits, misses, builds, bytes and failures. Its
 * input is already masked, so that no attribute holds a secret.
 */
export function openTelemetryObserver(options: TelemetryOptions = {}): Observer {
  const { tracer = trace.getTracer(scope), meter = metrics.getMeter(scope) } = options;
  const instruments = createInstruments(meter);
  return { begin: (work) => beginWork(work, tracer, instruments) };
}

function beginWork(work: ObservedWork, tracer: Tracer, instruments: Instruments): Observation {
  const common: Attributes = { "molecule.source": work.source, "molecule.runtime": work.runtime };
  const began = performance.now();
  const span = tracer.startSpan(`molecule.${work.verb}`, { attributes: common });
  const steps = traceSteps(tracer, trace.setSpan(context.active(), span), {
    onFinished: ({ step, ok, bytes }) => {
      if (step === "build" && ok) instruments.builds.add(1, common);
      if (bytes > 0) instruments.bytes.add(bytes, { ...common, "molecule.step": step });
    },
  });
  return {
    event: steps.event,
    end: (outcome) => {
      steps.end();
      settle(span, outcome);
      count(work, outcome, common, (performance.now() - began) / 1000, instruments);
      span.end();
    },
  };
}

function settle(span: Span, outcome: Outcome): void {
  if ("error" in outcome) {
    const { error } = outcome;
    span.setAttribute("error.type", error.code);
    span.recordException({ name: error.code, message: error.message });
    span.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
    return;
  }
  span.setAttributes(imageAttributes(outcome.image));
}

function count(
  { verb }: ObservedWork,
  outcome: Outcome,
  common: Attributes,
  seconds: number,
  instruments: Instruments,
): void {
  if ("error" in outcome) {
    instruments.failures.add(1, { ...common, "error.type": outcome.error.code });
    return;
  }
  const { cached } = outcome.image;
  if (cached === null) return;
  (cached ? instruments.hits : instruments.misses).add(1, common);
  instruments.duration.record(seconds, { ...common, "molecule.verb": verb, "molecule.cached": cached });
}
