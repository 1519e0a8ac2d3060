import type { Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { StartedContainer } from "@molecule/provisioner";
import type { ContainerSignal } from "./interruption.js";
import { linkTerminal } from "./link-terminal.js";
import type { Terminal } from "./terminal.js";

/** How long a container may take to exit after its output was lost. */
const graceSeconds = 3;

/**
 * Forwards input, output and signals; returns the container's exit status. Stops the container if the output is lost.
 */
export async function followContainer(
  container: StartedContainer,
  terminal: Terminal,
  { hasTerminal }: { readonly hasTerminal: boolean },
): Promise<number> {
  const { id, name, image, engine, output, exited } = container;
  const forward = (signal: ContainerSignal): void => {
    // As `docker run` does. A container that has exited needs no signal.
    void engine.signalContainer(id, signal).catch(() => undefined);
  };
  const stop = terminal.onSignal(
    forward,
    `molecule-image: the container ${name} is still running\n  hint: Stop it with \`${image.engine?.kind ?? "docker"} stop ${name}\`.\n`,
  );
  const unlink = hasTerminal ? linkTerminal(container, terminal) : undefined;
  try {
    if (output === undefined) return (await exited).exitCode;
    // Not awaited: a container may exit without reading all of it.
    if (output.stdin !== undefined) void pass(terminal.stdin, output.stdin, { end: true });
    const [{ exitCode }] = await Promise.all([
      exited,
      pass(output.stdout, terminal.stdout, { end: false }),
      pass(output.stderr, terminal.stderr, { end: false }),
    ]);
    return exitCode;
  } catch (error) {
    // Signals are forwarded instead of aborting, so the output is lost, or a signal came just before the listener was
    // added.
    if (terminal.signal.aborted) await engine.stopContainer(id, { graceSeconds });
    throw error;
  } finally {
    unlink?.();
    stop();
  }
}

async function pass(from: Readable, to: Writable, options: { readonly end: boolean }): Promise<void> {
  try {
    await pipeline(from, to, options);
  } catch {
    // The terminal reports lost output; if the engine broke off, the container's exit status still counts.
  }
}
