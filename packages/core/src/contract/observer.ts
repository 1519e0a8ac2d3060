import type { Attributes } from "./attributes.js";
import type { ImageSourceError } from "../errors/errors.js";
import type { EnsuredImage, Plan } from "./image-provider.js";
import type { ProgressEvent } from "./progress.js";
import type { RuntimeName } from "../values/runtime-name.js";

/** Observes each piece of work once, however many callers share it, for traces and metrics. Exceptions are ignored. */
export interface Observer {
  begin(work: ObservedWork): Observation;
  /**
   * Receives a call that was refused before any work began, such as one for an unknown runtime. The runtime is not
   * passed on, because the caller may have written anything.
   */
  refused?(work: Omit<ObservedWork, "runtime">, error: ImageSourceError): void;
}

/** A piece of work. */
export interface ObservedWork {
  readonly verb: "plan" | "ensure" | "refresh";
  /** The source's name. */
  readonly source: string;
  readonly runtime: RuntimeName;
}

/** Observes one piece of work until it ends. */
export interface Observation {
  /** Receives a progress event, whose texts are masked. */
  event(event: ProgressEvent): void;
  /** Receives facts that the source reports about the work, whose texts are masked. A later value replaces an earlier one. */
  annotate?(attributes: Attributes): void;
  end(outcome: { readonly image: EnsuredImage | Plan } | { readonly error: ImageSourceError }): void;
}

/** Wraps an observer so that its failures do not affect the work. */
export function observed(observer: Observer | undefined, work: ObservedWork): Required<Observation> {
  let observation: Observation | undefined;
  const quietly = (report: () => void): void => {
    try {
      report();
    } catch {
      observation = undefined;
    }
  };
  quietly(() => {
    observation = observer?.begin(work);
  });
  return {
    event: (event) => {
      if (observation !== undefined) quietly(() => observation?.event(event));
    },
    annotate: (attributes) => {
      quietly(() => observation?.annotate?.(attributes));
    },
    end: (outcome) => {
      quietly(() => observation?.end(outcome));
    },
  };
}

/** Reports a refused call. A failing observer has no effect. */
export function observeRefusal(
  observer: Observer | undefined,
  work: Omit<ObservedWork, "runtime">,
  error: ImageSourceError,
): void {
  try {
    observer?.refused?.(work, error);
  } catch {
    // The caller gets the error whatever the observer does.
  }
}
