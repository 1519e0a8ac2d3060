import type { Bench } from "./bench.js";

/** One promise of the source interface, and how to check that a source keeps it. */
export interface Chapter {
  readonly name: string;
  readonly laws: Readonly<Record<string, (bench: Bench) => Promise<void>>>;
}
