import { type Mode } from "../values/registry-source.js";

/** The selected source, and the reason for the selection. */
export interface Selection {
  readonly source: string;
  readonly mode: Mode;
  /** One line for people. */
  readonly because: string;
}
