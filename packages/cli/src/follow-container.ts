import { pipeline } from "node:stream/promises";
import type { Readable, Writable } from "node:stream";
import type { StartedContainer } from "@molecule/provisioner";
import type { Terminal } from "./terminal.js";

/** The container's output as it comes, signals handed on, and in the end its exit status. */
export async function followContainer(
  { id, engine, output, exited }: StartedContainer,
  terminal: Terminal,
): Promise<number> {
  const stop = terminal.onInterruption((signal) => {
    // As `docker run` does; a container that is gone already needs no signal.
    void engine.signalContainer(id, signal).catch(() => undefined);
  });
  try {
    const streams =
      output === undefined
        ? []
        : [pass(output.stdout, terminal.stdout), pass(output.stderr, terminal.stderr)];
    const [{ exitCode }] = await Promise.all([exited, ...streams]);
    return exitCode;
  } finally {
    stop();
  }
}

async function pass(from: Readable, to: Writable): Promise<void> {
  try {
    await pipeline(from, to, { end: false });
  } catch {
    // The reader of our output has gone (a closed pipe): the container's status still counts.
  }
}
