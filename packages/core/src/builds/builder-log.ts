import type { StepReport } from "../contract/progress.js";

/** Receives a builder's output lines, amounts and pauses. */
export interface BuildOutput extends Pick<StepReport, "amount" | "quiet" | "allowIdle"> {
  line(text: string): void;
}

/** Interprets the messages of one kind of builder. */
export interface BuilderLog<Message> {
  take(message: Message): void;
  /** Flushes buffered output. */
  end(): void;
  /** The step that failed, or else the running one, such as `[2/3] RUN make`. Undefined between steps. */
  readonly step: string | undefined;
  /** The last step that pulled an image. BuildKit may fail on that image after the step is done. */
  readonly fetching: string | undefined;
}
