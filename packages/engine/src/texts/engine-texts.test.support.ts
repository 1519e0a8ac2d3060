import { readFileSync } from "node:fs";
import type { ErrorCode } from "@molecule/core";

/** The reports of engines for one fault in one scenario. Written by `npm run engines -- texts`. */
export interface EngineText {
  readonly fault: string;
  readonly way: "pull" | "from" | "copy" | "syntax" | "push" | "build";
  readonly engines: readonly string[];
  /** `no end`: the engine was still retrying after three minutes. */
  readonly outcome: "failure" | "success" | "no end" | "broken connection";
  readonly status?: number;
  /** Exit code of a command. */
  readonly code?: number;
  readonly step?: string;
  readonly text?: string;
  readonly output?: string;
}

/** The expected outcome of a fault, whichever engine reports it. */
export interface ExpectedOutcome {
  readonly code: ErrorCode;
  readonly transient?: true;
  /** The hint, where the text makes the cause certain. */
  readonly hint?: string;
  /** Why some engines may succeed anyway. */
  readonly mayWork?: string;
  readonly except?: readonly ExceptionalOutcome[];
}

/** An engine whose text is not specific enough, or for which this is not a fault. */
export interface ExceptionalOutcome {
  /** Matches `<engine> <way>`. */
  readonly on: string;
  readonly code: ErrorCode;
  readonly transient?: true;
  readonly why: string;
}

const read = (name: string): unknown => JSON.parse(readFileSync(new URL(name, import.meta.url), "utf8"));

export const engineTexts = (read("engine-texts.json") as { readonly texts: readonly EngineText[] }).texts;

export const expectedOutcomes = read("expected-outcomes.json") as Readonly<Record<string, ExpectedOutcome>>;
