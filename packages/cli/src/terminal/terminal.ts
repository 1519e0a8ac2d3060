import type { Writable } from "node:stream";
import type { Env, Mask } from "@molecule/core";
import type { ContainerSignal, Interruption } from "./interruption.js";
import type { LostOutput } from "./lost-output.js";

/** The parts of the process that a command may use. */
export interface Terminal {
  readonly stdin: NodeJS.ReadStream;
  /** Whether stdin is a pipe or a non-empty file. */
  hasPipedInput(): boolean;
  /** The terminal that shows the output; undefined if there is none. */
  readonly screen: NodeJS.WriteStream | undefined;
  /** Whether stdout is a terminal. */
  readonly showsResult: boolean;
  /** For the result only. */
  readonly stdout: Writable;
  /** For progress, logs and errors. */
  readonly stderr: NodeJS.WriteStream;
  readonly env: Env;
  /** Throws `CONFIG_INVALID` if the working directory was removed. */
  readonly cwd: string;
  /** Masks the secrets of `env` in all text written to stderr. */
  readonly mask: Mask;
  /** Aborts on an {@link Interruption}, or when output is lost. */
  readonly signal: AbortSignal;
  /** Returns the process signal that aborted {@link Terminal.signal}. */
  interruptedBy(): Interruption | undefined;
  /** Returns why output was lost: stdout cannot be written, or the reader of stdout or stderr has closed it. */
  lostOutput(): LostOutput | undefined;
  /**
   * Detects a closed stdout without writing to it, for commands that rarely write. Returns a function that stops it.
   */
  watchReader(): () => void;
  /**
   * Sends signals to the listener instead of aborting. Returns a function that removes the listener.
   * @param exitMessage printed to stderr if a second signal ends the command; ends with a newline
   */
  onSignal(listener: (signal: ContainerSignal) => void, exitMessage: string): () => void;
}
