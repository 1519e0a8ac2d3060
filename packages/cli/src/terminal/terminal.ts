import type { Writable } from "node:stream";
import type { Env, Mask } from "@molecule/core";
import type { ContainerSignal, Interruption } from "./interruption.js";
import type { LostOutput } from "./lost-output.js";

/** What a command may touch of the process. */
export interface Terminal {
  readonly stdin: NodeJS.ReadStream;
  /** Whether stdin is a pipe or a file with something in it. */
  hasPipedInput(): boolean;
  /** The terminal that shows the output; undefined where there is none. */
  readonly screen: NodeJS.WriteStream | undefined;
  /** The result, and nothing else. */
  readonly stdout: Writable;
  /** Progress, logs and errors. */
  readonly stderr: NodeJS.WriteStream;
  readonly env: Env;
  /** Throws `CONFIG_INVALID` where the working directory has been removed. */
  readonly cwd: string;
  /** Knows the secrets of `env`; every text that goes to stderr passes through it. */
  readonly mask: Mask;
  /** Aborted by an {@link Interruption}, or when output is lost. */
  readonly signal: AbortSignal;
  /** The signal that aborted it. */
  interruptedBy(): Interruption | undefined;
  /** Set once stdout cannot be written, or nobody reads stdout or stderr any more. */
  lostOutput(): LostOutput | undefined;
  /** Notices a closed stdout before the next write, for commands that seldom write. Returns how to stop. */
  watchReader(): () => void;
  /** While there is a listener, it gets the signals, and they abort nothing. Returns how to stop. */
  onSignal(listener: (signal: ContainerSignal) => void): () => void;
}
