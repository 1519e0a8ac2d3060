import { createOutputTail, type ImageSourceError, type ProgressEvent, type Step } from "@molecule/core";

/** The steps whose output is shown. The amount of a pull says more than its output. */
const logged: ReadonlySet<Step> = new Set<Step>(["checkout", "context", "build"]);

/** The current step of a runtime. */
export interface Activity {
  readonly step: Step;
  /** What is being done, or why there is no progress. */
  readonly text: string;
  readonly amount: Extract<ProgressEvent, { type: "amount" }> | undefined;
}

/** The state of one runtime. Times are in milliseconds from an arbitrary start. */
export interface RuntimeRow {
  readonly runtime: string;
  readonly since: number;
  /** The newest running step; undefined between steps. */
  readonly activity: Activity | undefined;
  /** The last lines of the last step with output. */
  readonly lines: readonly string[];
  readonly end: { readonly at: number; readonly error: ImageSourceError | undefined } | undefined;
  follow(event: ProgressEvent): void;
  /** Marks the runtime as ready or failed. */
  settle(error: ImageSourceError | undefined, at: number): void;
}

export function createRuntimeRow(runtime: string, since: number): RuntimeRow {
  const running = new Map<number, { step: Step; what: string; why?: string; amount?: Activity["amount"] }>();
  let tail = createOutputTail();
  let linesOf: number | undefined;
  let end: RuntimeRow["end"];

  return {
    runtime,
    since,
    get activity() {
      const youngest = [...running.values()].at(-1);
      if (youngest === undefined) return undefined;
      const { step, what, why, amount } = youngest;
      return { step, text: why ?? what, amount };
    },
    get lines() {
      return tail.lines();
    },
    get end() {
      return end;
    },
    follow: (event) => {
      if (event.type === "started") running.set(event.id, { step: event.step, what: event.what });
      const activity = running.get(event.id);
      if (activity === undefined) return;
      if (event.type === "finished") running.delete(event.id);
      if (event.type === "quiet") activity.why = event.why;
      else delete activity.why;
      if (event.type === "amount") activity.amount = event;
      if (event.type !== "output" || !logged.has(event.step)) return;
      if (linesOf !== event.id) tail = createOutputTail();
      linesOf = event.id;
      tail.add(event.line.replaceAll("\t", "    "));
    },
    settle: (error, at) => {
      end = { at, error };
    },
  };
}
