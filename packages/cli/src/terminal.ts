import type { Writable } from "node:stream";
import type { Env, Mask } from "@molecule/core";

/** What a command may touch of the process. */
export interface Terminal {
  /** The result, and nothing else. */
  readonly stdout: Writable;
  /** Progress, logs and errors. */
  readonly stderr: NodeJS.WriteStream;
  readonly env: Env;
  readonly cwd: string;
  /** Knows the secrets of `env`; every text that goes to stderr passes through it. */
  readonly mask: Mask;
  /** Aborted by SIGINT or SIGTERM. */
  readonly signal: AbortSignal;
  /** Which of the two it was. */
  interruptedBy(): "SIGINT" | "SIGTERM" | undefined;
  /** While somebody listens, an interruption goes to the listener and aborts nothing. Answers how to stop. */
  onInterruption(listener: (signal: "SIGINT" | "SIGTERM") => void): () => void;
}
