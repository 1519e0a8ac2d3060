import { SpanStatusCode, type Span } from "@opentelemetry/api";
import type { StepError } from "@molecule/core";

/** Records why the span failed: as `error.type`, as its status and as an exception event. */
export function recordFailure(span: Span, { code, message }: StepError): void {
  span.setAttribute("error.type", code);
  span.recordException({ name: code, message });
  span.setStatus({ code: SpanStatusCode.ERROR, message });
}
