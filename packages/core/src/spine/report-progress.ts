import type { Clock } from "../contract/edges.js";
import { internal, type WorkStatus } from "../errors/error-table.js";
import { isImageSourceError, type ImageSourceError } from "../errors/errors.js";
import { escapeControls } from "../text/escape-controls.js";
import { maskStream } from "../text/mask-stream.js";
import type { Mask } from "../text/mask.js";
import type { Progress, ProgressEvent, StepError, StepReport } from "../contract/progress.js";
import type { Step } from "../errors/step.js";
import type { RuntimeName } from "../values/runtime-name.js";

/** A {@link Progress} that passes events to a listener, with all external text masked and escaped. */
export interface ReportedProgress extends Progress {
  /** Returns the running step and its last progress. */
  status(): WorkStatus;
}

const lineEnd = /\r\n|[\r\n]/;

type EventFacts = ProgressEvent extends infer Event
  ? Event extends ProgressEvent
    ? Omit<Event, "runtime" | "step" | "id">
    : never
  : never;

export function reportProgress(
  runtime: RuntimeName,
  listener: (event: ProgressEvent) => void,
  {
    mask,
    clock,
    drained,
    allowIdle,
    settle = (error) => (isImageSourceError(error) ? error : internal(error)),
  }: {
    readonly mask: Mask;
    readonly clock: Clock;
    readonly drained?: StepReport["drained"];
    readonly allowIdle?: (step: number, milliseconds: number | undefined) => void;
    /** Returns the error that the caller would get. Default: without masking. */
    readonly settle?: (error: unknown) => ImageSourceError;
  },
): ReportedProgress {
  let nextId = 1;
  let lastProgress = "nothing";
  const running = new Map<number, Step>();
  const clean = (text: string): string => escapeControls(mask.text(text));

  async function step<T>(name: Step, what: string, work: (report: StepReport) => Promise<T>): Promise<T> {
    const id = nextId++;
    const emit = (facts: EventFacts): void => {
      listener({ runtime, step: name, id, ...facts });
    };
    const started = clock.monotonicMs();
    let failure: { readonly error: StepError } | undefined;
    lastProgress = `${name} ${clean(what)}`;
    running.set(id, name);
    emit({ type: "started", what: clean(what) });
    const stream = maskStream(mask);
    const emitLines = (lines: readonly string[]): void => {
      for (const masked of lines) {
        const line = escapeControls(masked);
        lastProgress = `${name}: ${line}`;
        // Avoids the copy in `emit`: there may be millions of lines.
        listener({ runtime, step: name, id, type: "output", line });
      }
    };
    try {
      return await work({
        output: (text) => {
          for (const line of lineEnd.test(text) ? text.split(lineEnd) : [text]) {
            if (line !== "") emitLines(stream.take(line));
          }
        },
        quiet: (why) => {
          emit({ type: "quiet", why: clean(why) });
        },
        amount: (done, total, unit) => {
          emit({ type: "amount", done, total, unit });
        },
        allowIdle: (milliseconds) => allowIdle?.(id, milliseconds),
        drained: () => drained?.(),
      });
    } catch (error) {
      const { code, message } = settle(error);
      failure = { error: { code, message: clean(message) } };
      // The innermost step wins.
      throw isImageSourceError(error) && error.step === null ? error.with({ step: name }) : error;
    } finally {
      emitLines(stream.end());
      running.delete(id);
      const durationMs = Math.round(clock.monotonicMs() - started);
      emit({ type: "finished", ok: failure === undefined, durationMs, ...failure });
    }
  }

  return { step, status: () => ({ step: [...running.values()].at(-1) ?? null, lastProgress }) };
}
