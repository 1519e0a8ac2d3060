import type { Bench } from "./bench.js";

/** Part of what the interface of sources promises, and how to see that it is kept. */
export interface Chapter {
  readonly name: string;
  readonly laws: Readonly<Record<string, (bench: Bench) => Promise<void>>>;
}
