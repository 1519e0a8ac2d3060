import { type Fields } from "../connection/json-fields.js";

/** Where the lines and numbers of a builder go. */
export interface BuildOutput {
  line(text: string): void;
  steps(done: number, total: number): void;
  /** There may be no output for a long time. */
  quiet(why: string): void;
}

/** Understands the messages of one kind of builder. */
export interface BuilderLog {
  take(message: Fields): void;
  /** Flushes the output that is still held back. */
  end(): void;
  /** The step that failed, or else is running: `[2/3] RUN make`. Undefined between steps. */
  readonly step: string | undefined;
  /** The last step so far that fetches an image: BuildKit may fail over that image when the step is over. */
  readonly fetching: string | undefined;
}
