import { setTimeout as sleep } from "node:timers/promises";
import { ImageSourceError } from "@molecule/core";
import type { KeptProgram } from "./kept-program.js";

export interface Readiness {
  /** The name of the program, for the error. */
  readonly name: string;
  readonly program: KeptProgram;
  readonly deadlineMs: number;
  readonly isReady: () => Promise<boolean>;
}

/** Resolves when the program is ready. Else stops it and rejects with `ENGINE_UNAVAILABLE` and its last output. */
export async function waitUntilReady({ name, program, deadlineMs, isReady }: Readiness): Promise<void> {
  const start = performance.now();
  const ended = program.ended.then(() => true);
  let endedEarly = false;
  while (!endedEarly && performance.now() - start < deadlineMs) {
    if (await isReady()) return;
    endedEarly = await Promise.race([ended, sleep(50, false)]);
  }
  const why = endedEarly
    ? "ended before it was ready"
    : `was not ready within ${String(deadlineMs / 1000)} s`;
  await program.stop();
  const output = await program.ended;
  throw new ImageSourceError({
    code: "ENGINE_UNAVAILABLE",
    message: `${name} ${why}: ${output.trim().split("\n").at(-1) ?? ""}`,
    hint: "Read the last lines in the error's output.",
    output,
  });
}
