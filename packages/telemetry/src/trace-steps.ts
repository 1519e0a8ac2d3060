import { trace, type Attributes, type Context, type Span, type Tracer } from "@opentelemetry/api";
import type { ProgressEvent } from "@molecule/core";
import { recordFailure } from "./record-failure.js";

/** A step that has ended. */
export interface FinishedStep {
  readonly step: ProgressEvent["step"];
  readonly ok: boolean;
  readonly bytes: number;
}

interface OpenStep {
  readonly span: Span;
  readonly context: Context;
  bytes: number;
}

/** The work that the steps belong to. */
export interface TracedWork {
  readonly tracer: Tracer;
  readonly context: Context;
  /** Set on the span of each step. */
  readonly attributes: Attributes;
  readonly onFinished: (step: FinishedStep) => void;
}

/** Creates a span for each step, below the step it started in. Output may be long and is not recorded. */
export function traceSteps({ tracer, context, attributes, onFinished }: TracedWork): {
  readonly event: (event: ProgressEvent) => void;
  readonly end: () => void;
} {
  const open = new Map<number, OpenStep>();

  return {
    event: (event) => {
      if (event.type === "started") {
        const parent = [...open.values()].at(-1)?.context ?? context;
        const own = { ...attributes, "molecule.step": event.step, "molecule.what": event.what };
        const span = tracer.startSpan(`molecule.${event.step}`, { attributes: own }, parent);
        open.set(event.id, { span, context: trace.setSpan(parent, span), bytes: 0 });
        return;
      }
      const step = open.get(event.id);
      if (step === undefined) return;
      if (event.type === "amount" && event.unit === "bytes") step.bytes = event.done;
      if (event.type === "quiet") step.span.addEvent("quiet", { "molecule.why": event.why });
      if (event.type !== "finished") return;
      open.delete(event.id);
      if (step.bytes > 0) step.span.setAttribute("molecule.bytes", step.bytes);
      if (event.error !== undefined) recordFailure(step.span, event.error);
      step.span.end();
      onFinished({ step: event.step, ok: event.ok, bytes: step.bytes });
    },
    end: () => {
      // Steps that were abandoned after an abort.
      for (const { span } of open.values()) span.end();
      open.clear();
    },
  };
}
