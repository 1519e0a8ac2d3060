import { type Mode } from "../values/registry-source.js";

/** The source that answers, and why it is that one. */
export interface Selection {
  readonly source: string;
  readonly mode: Mode;
  /** One line for people. */
  readonly because: string;
}
