import { setMaxListeners } from "node:events";
import { fstatSync, writeSync } from "node:fs";
import { configInvalid, createMask } from "@molecule/core";
import { knownSecrets } from "@molecule/host";
import { gateWrites } from "./gate-writes.js";
import { statusByInterruption, passedOnly, type ContainerSignal, type Interruption } from "./interruption.js";
import { lostOutput, type LostOutput } from "./lost-output.js";
import { maskTexts } from "./mask-texts.js";
import { ownStdout } from "./own-stdout.js";
import type { Terminal } from "./terminal.js";
import { watchReader } from "./watch-reader.js";

const interruptions = Object.keys(statusByInterruption) as Interruption[];

/** How often to check whether the terminal still exists after SIGHUP. */
const hangUpPollMs = 250;

export interface ProcessTerminal extends Terminal {
  /** Cancels the command and drops its further output. Returns a function that allows output again. */
  abandon(): () => void;
}

/** The terminal of this process. The first signal cancels; a second one exits immediately. */
export function processTerminal(): ProcessTerminal {
  const controller = new AbortController();
  // Every request of this command adds a listener.
  setMaxListeners(0, controller.signal);
  let first: Interruption | undefined;
  let listener: ((signal: ContainerSignal) => void) | undefined;
  let exitMessage = "";
  let lost: LostOutput | undefined;
  let timer: NodeJS.Timeout | undefined;

  for (const signal of interruptions) {
    process.on(signal, () => {
      // A closing terminal sends SIGHUP twice, from the shell and from the kernel, so a second one does not mean exit.
      if (first !== undefined && signal !== "SIGHUP") {
        process.stderr.write(exitMessage);
        process.exit(statusByInterruption[signal]);
      }
      first ??= signal;
      if (listener === undefined) controller.abort();
      else listener(signal);
      // A container may ignore the signal although its output can no longer be read.
      if (signal === "SIGHUP") timer ??= setInterval(noticeHangUp, hangUpPollMs).unref();
    });
  }
  const noticeHangUp = (): void => {
    for (const [fd, stream] of [
      [1, process.stdout],
      [2, process.stderr],
    ] as const) {
      if (!stream.isTTY) continue;
      try {
        // An empty write fails if the terminal no longer exists.
        writeSync(fd, "");
      } catch (error) {
        lose(fd === 1 ? "stdout" : "stderr")(error);
      }
    }
  };
  const passOn = (signal: ContainerSignal): void => listener?.(signal);
  const mask = createMask(knownSecrets(process.env));
  const stdout = ownStdout(process.stdout, process.stderr);
  maskTexts(process.stderr, mask);
  const gates = [gateWrites(stdout), gateWrites(process.stderr)];
  const lose = (name: "stdout" | "stderr") => (error: unknown) => {
    lost ??= lostOutput(name, error);
    if (lost !== undefined) controller.abort(lost.error);
  };
  stdout.on("error", lose("stdout"));
  process.stderr.on("error", lose("stderr"));
  // The wrapping stream reports this error.
  process.stdout.on("error", () => undefined);

  return {
    // Opened lazily, because it can keep the process from exiting.
    get stdin() {
      return process.stdin;
    },
    hasPipedInput,
    screen: [process.stdout, process.stderr].find(({ isTTY }) => isTTY),
    showsResult: process.stdout.isTTY,
    stdout,
    stderr: process.stderr,
    env: process.env,
    get cwd() {
      return workingDirectory();
    },
    mask,
    signal: controller.signal,
    interruptedBy: () => first,
    lostOutput: () => lost,
    abandon: () => {
      for (const gate of gates) gate.close();
      controller.abort();
      return () => {
        for (const gate of gates) gate.open();
      };
    },
    watchReader: () =>
      watchReader(() => {
        lose("stdout")(Object.assign(new Error("broken pipe"), { code: "EPIPE" }));
      }),
    onSignal: (next, message) => {
      listener = next;
      exitMessage = message;
      for (const signal of passedOnly) process.on(signal, passOn);
      return () => {
        listener = undefined;
        exitMessage = "";
        for (const signal of passedOnly) process.off(signal, passOn);
      };
    },
  };
}

function workingDirectory(): string {
  try {
    return process.cwd();
  } catch (error) {
    throw configInvalid(
      "the working directory no longer exists",
      "Change to a directory that exists, then retry.",
      error,
    );
  }
}

function hasPipedInput(): boolean {
  try {
    const stats = fstatSync(0);
    return stats.isFIFO() || (stats.isFile() && stats.size > 0);
  } catch {
    return false;
  }
}
