import type { EngineCall } from "./engine-call.js";
import type { Readable, Writable } from "node:stream";
import type { Platform } from "../values/platform.js";

/** Options for attaching. Both members must match how the container was created. */
export interface AttachCall extends EngineCall {
  /** Whether to attach stdin. Default: false. */
  readonly stdin?: boolean | undefined;
  /** Whether the container has a terminal: all of its output is on stdout. Default: false. */
  readonly terminal?: boolean | undefined;
}

/** The size of a terminal, in characters. */
export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/** A container to create. */
export interface ContainerSpec {
  readonly name: string | undefined;
  readonly imageId: string;
  readonly platform: Platform;
  readonly env: Readonly<Record<string, string>>;
  /** Arguments for the entry point; undefined keeps the image's own. */
  readonly args: readonly string[] | undefined;
  readonly labels: Readonly<Record<string, string>>;
  /** The engine removes the container when it exits. */
  readonly autoRemove: boolean;
  /** Whether stdin stays open until the caller that attached with `stdin` ends it. Default: false, it is empty. */
  readonly stdin?: boolean | undefined;
  /** Whether to allocate a terminal. Default: false. */
  readonly terminal?: boolean | undefined;
}

/** The inspection of a container. */
export interface ContainerInspection {
  readonly id: string;
  /** Without the leading slash. */
  readonly name: string;
  readonly imageId: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly running: boolean;
  /** Meaningful once it has exited. */
  readonly exitCode: number;
  /** The engine's error message, else empty. */
  readonly error: string;
}

/** A container in a list. */
export interface ContainerSummary {
  readonly id: string;
  /** Without the leading slash. */
  readonly name: string;
  readonly imageId: string;
}

/** The live output of a container. Both streams end when it exits. */
export interface ContainerOutput {
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Its stdin, if attached; end it to signal the end of input. */
  readonly stdin?: Writable | undefined;
}
