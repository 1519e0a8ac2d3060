import { pipeline } from "node:stream/promises";
import type { Readable, Writable } from "node:stream";
import type { StartedContainer } from "@molecule/provisioner";
import type { Terminal } from "./terminal.js";

/** How long a container may take to end once nobody reads its output. */
const graceSeconds = 2;

/** Passes on the container's output, and signals to it; returns its exit status. Stops it when the output is lost. */
export async function followContainer(
  { id, engine, output, exited }: StartedContainer,
  terminal: Terminal,
): Promise<number> {
  const stop = terminal.onSignal((signal) => {
    // As `docker run` does. A container that has exited needs no signal.
    void engine.signalContainer(id, signal).catch(() => undefined);
  });
  try {
    const streams =
      output === undefined
        ? []
        : [pass(output.stdout, terminal.stdout), pass(output.stderr, terminal.stderr)];
    const [{ exitCode }] = await Promise.all([exited, ...streams]);
    return exitCode;
  } catch (error) {
    // Signals abort nothing here: its output is lost, or a signal came just before it was listened to.
    if (terminal.signal.aborted) await engine.stopContainer(id, { graceSeconds });
    throw error;
  } finally {
    stop();
  }
}

async function pass(from: Readable, to: Writable): Promise<void> {
  try {
    await pipeline(from, to, { end: false });
  } catch {
    // The terminal notices that its output is lost; where the engine broke off, the container's status still counts.
  }
}
