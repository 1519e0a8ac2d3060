import type { Writable } from "node:stream";
import type { ProgressEvent } from "@molecule/core";
import { printLine } from "../terminal/print.js";
import { isoTime } from "./iso-time.js";
import { slowSteps, writeAtOnce, type ProgressDisplay } from "./display.js";
import { showAmount } from "./show-amount.js";
import { whenDrained } from "./when-drained.js";
import { writeTogether } from "./write-together.js";

/** Limits amounts, which change many times a second. */
const amountEveryMs = 5000;

export interface PlainOptions {
  readonly now?: () => number;
  /** Whether the command is being cancelled, so that its steps are not reported as failed. */
  readonly isCancelled?: () => boolean;
}

/** Writes timestamped lines for logs and pipes, without colours or redrawing. */
export function plainDisplay(
  stderr: Writable,
  { now = Date.now, isCancelled = () => false }: PlainOptions = {},
): ProgressDisplay {
  const amountsAt = new Map<string, number>();
  /** The last output or pause of each step: a pause is announced again after each amount, or repeats the output. */
  const lastTexts = new Map<string, string>();

  /** Returns the text of a line; undefined if the event is not worth one. */
  function describe(event: ProgressEvent): string | undefined {
    if (!slowSteps.has(event.step)) return undefined;
    if (event.step === "wait") return describeWait(event);
    const text = describeWork(event);
    return text === undefined ? undefined : `${event.step} ${text}`;
  }

  /** The reason says what is being waited for, so neither the step nor its object is printed. */
  function describeWait(event: ProgressEvent): string | undefined {
    if (event.type === "quiet") return event.why;
    return event.type === "finished" && !isCancelled() ? `waited ${seconds(event.durationMs)}` : undefined;
  }

  function describeWork(event: ProgressEvent): string | undefined {
    switch (event.type) {
      case "started":
        amountsAt.set(`${event.runtime} ${String(event.id)}`, now());
        return event.what;
      case "output":
        lastTexts.set(`${event.runtime} ${String(event.id)}`, event.line);
        return `| ${event.line}`;
      case "quiet":
        return isNewPause(`${event.runtime} ${String(event.id)}`, event.why) ? event.why : undefined;
      case "amount":
        return isDue(`${event.runtime} ${String(event.id)}`) ? showAmount(event) : undefined;
      case "finished":
        amountsAt.delete(`${event.runtime} ${String(event.id)}`);
        lastTexts.delete(`${event.runtime} ${String(event.id)}`);
        if (!event.ok && isCancelled()) return undefined;
        return `${event.ok ? "done" : "failed"} after ${seconds(event.durationMs)}`;
    }
  }

  function isDue(step: string): boolean {
    if (now() - (amountsAt.get(step) ?? 0) < amountEveryMs) return false;
    amountsAt.set(step, now());
    return true;
  }

  function isNewPause(step: string, why: string): boolean {
    if (lastTexts.get(step) === why) return false;
    lastTexts.set(step, why);
    return true;
  }

  return {
    listener: (event) => {
      const text = describe(event);
      if (text === undefined) return undefined;
      writeTogether(stderr);
      printLine(stderr, `${isoTime(now())} ${event.runtime}: ${text}`);
      return whenDrained(stderr);
    },
    settle: () => undefined,
    aside: writeAtOnce,
    close: () => Promise.resolve(),
  };
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
