import { setMaxListeners } from "node:events";
import { createMask } from "@molecule/core";
import { knownSecrets } from "@molecule/host";
import { maskTexts } from "./mask-texts.js";
import type { Terminal } from "./terminal.js";

type Interruption = "SIGINT" | "SIGTERM";

/** The terminal of this process. The first signal cancels; a second one ends the process at once. */
export function processTerminal(): Terminal {
  const controller = new AbortController();
  // Every request of this command listens to it.
  setMaxListeners(0, controller.signal);
  let first: Interruption | undefined;
  let listener: ((signal: Interruption) => void) | undefined;

  const statusBySignal = { SIGINT: 130, SIGTERM: 143 } as const;
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => {
      if (first !== undefined) process.exit(statusBySignal[signal]);
      first = signal;
      if (listener === undefined) controller.abort();
      else listener(signal);
    });
  }
  const mask = createMask(knownSecrets(process.env));
  maskTexts(process.stderr, mask);
  // A reader that has gone (`| head`) is no failure of ours.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);

  return {
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    cwd: process.cwd(),
    mask,
    signal: controller.signal,
    interruptedBy: () => first,
    onInterruption: (next) => {
      listener = next;
      return () => {
        listener = undefined;
      };
    },
  };
}
