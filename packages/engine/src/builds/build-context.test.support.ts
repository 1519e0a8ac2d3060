import type { BuildContext, StepReport } from "@molecule/core";
import { buildContextOf, helloTemplate } from "@molecule/testkit";

/** Returns a build context whose image has a shell at `/bin/sh`. */
export function contextOf(steps: string, more: Readonly<Record<string, string>> = {}): BuildContext {
  const { busybox } = helloTemplate();
  const shell =
    typeof busybox === "object" && "content" in busybox ? Buffer.from(busybox.content) : Buffer.alloc(0);
  const Dockerfile = `FROM scratch\nCOPY sh /bin/sh\nCOPY sh /bin/busybox\n${steps}\n`;
  return buildContextOf({ Dockerfile, sh: shell, ...more });
}

export interface KeptReport extends StepReport {
  readonly lines: string[];
  readonly silences: string[];
  /** The pauses that were allowed, in order; undefined for none. */
  readonly allowed: (number | undefined)[];
  readonly amounts: (readonly [done: number, total: number | undefined, unit: string])[];
}

/** Creates a step report that records everything. */
export function keepReport(): KeptReport {
  const lines: string[] = [];
  const silences: string[] = [];
  const amounts: KeptReport["amounts"] = [];
  const allowed: KeptReport["allowed"] = [];
  return {
    lines,
    silences,
    amounts,
    allowed,
    output: (text) => lines.push(text),
    amount: (done, total, unit) => amounts.push([done, total, unit]),
    quiet: (why) => silences.push(why),
    allowIdle: (milliseconds) => allowed.push(milliseconds),
  };
}
