import type { ImageSourceError } from "../errors/errors.js";
import type { EnsuredImage, Plan } from "./image-provider.js";
import type { ProgressEvent } from "./progress.js";
import type { RuntimeName } from "../values/runtime-name.js";

/** Hears of every piece of work once, however many callers share it; for traces and metrics. What it throws is ignored. */
export interface Observer {
  begin(work: ObservedWork): Observation;
}

/** Which piece of work it is. */
export interface ObservedWork {
  readonly verb: "plan" | "ensure" | "refresh";
  /** The source's name. */
  readonly source: string;
  readonly runtime: RuntimeName;
}

/** Hears of one piece of work, until its end. */
export interface Observation {
  /** Texts in it are masked. */
  event(event: ProgressEvent): void;
  end(outcome: { readonly image: EnsuredImage | Plan } | { readonly error: ImageSourceError }): void;
}

/** The same, harmless: an observer that fails breaks nothing. */
export function observed(observer: Observer | undefined, work: ObservedWork): Observation {
  let observation: Observation | undefined;
  const quietly = (tell: () => void): void => {
    try {
      tell();
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
    end: (outcome) => {
      quietly(() => observation?.end(outcome));
    },
  };
}
