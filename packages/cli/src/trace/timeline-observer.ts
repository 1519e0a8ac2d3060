import type { Observer, ProgressEvent } from "@molecule/core";
import type { OpenSlice, Timeline } from "./timeline.js";

/** Shows each operation and its steps in a group of rows named after the runtime. Their texts are already masked. */
export function timelineObserver(timeline: Timeline): Observer {
  return {
    begin: ({ verb, source, runtime }) => {
      const work = timeline.begin(runtime, verb, { source });
      const steps = new Map<number, OpenSlice>();
      return {
        event: (event) => {
          if (event.type === "started")
            steps.set(event.id, timeline.begin(runtime, event.step, { what: event.what }));
          const step = steps.get(event.id);
          if (step !== undefined) showEvent(step, event);
          if (event.type === "finished") steps.delete(event.id);
        },
        annotate: (attributes) => {
          work.add(attributes);
        },
        end: (outcome) => {
          for (const step of steps.values()) step.end({ unfinished: true });
          work.end("error" in outcome ? failure(outcome.error) : { ...outcome.image });
        },
      };
    },
  };
}

/** How builders announce an instruction or a phase, such as `[2/3] COPY . /app` or `exporting to image`. */
const phase = /^(?:CACHED )?\[[^\]]+\] |^(?:\[\d+\/\d+\] )?Step \d+\/\d+ ?: |^exporting to /i;

function showEvent(step: OpenSlice, event: ProgressEvent): void {
  // Other output may be long.
  if (event.type === "output" && event.step === "build" && phase.test(event.line)) step.mark(event.line);
  if (event.type === "quiet") step.mark(event.why);
  if (event.type === "amount" && event.unit === "bytes") step.add({ bytes: event.done });
  if (event.type === "finished") step.end(event.error === undefined ? {} : failure(event.error));
}

function failure({ code, message }: { readonly code: string; readonly message: string }) {
  return { error: code, message };
}
