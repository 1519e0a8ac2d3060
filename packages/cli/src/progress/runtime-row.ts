import { createOutputTail, type ImageSourceError, type ProgressEvent, type Step } from "@molecule/core";

/** Steps whose lines are worth watching; those of a pull say less than its amount does. */
const narrated: ReadonlySet<Step> = new Set<Step>(["checkout", "context", "build"]);

/** What one runtime is busy with. */
export interface Activity {
  readonly step: Step;
  /** With what, or why nothing is heard. */
  readonly text: string;
  readonly amount: Extract<ProgressEvent, { type: "amount" }> | undefined;
}

/** What a display knows about one runtime. Times are in milliseconds, from an arbitrary start. */
export interface RuntimeRow {
  readonly runtime: string;
  readonly since: number;
  /** The youngest step that has not ended; undefined between two. */
  readonly activity: Activity | undefined;
  /** The last lines of the last step that said any. */
  readonly lines: readonly string[];
  readonly end: { readonly at: number; readonly error: ImageSourceError | undefined } | undefined;
  follow(event: ProgressEvent): void;
  /** It is ready, or has failed. */
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
      if (event.type !== "output" || !narrated.has(event.step)) return;
      if (linesOf !== event.id) tail = createOutputTail();
      linesOf = event.id;
      tail.add(event.line.replaceAll("\t", "    "));
    },
    settle: (error, at) => {
      end = { at, error };
    },
  };
}
