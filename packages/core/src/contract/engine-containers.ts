import type { EngineCall } from "./engine-call.js";
import type { Readable, Writable } from "node:stream";
import type { Platform } from "../values/platform.js";
import type { ContainerCreateOptions } from "./container-create-options.js";

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
  /** Further settings. The members above take precedence over them; environment and labels are merged. */
  readonly create?: ContainerCreateOptions | undefined;
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
  readonly labels: Readonly<Record<string, string>>;
  /** As the engine reports it: `created`, `running`, `exited`, `paused`, … */
  readonly state: string;
}

/** Selects the containers to list. */
export interface ContainerFilter {
  /** Labels that a container must have, all of them: `key` or `key=value`. */
  readonly labels?: readonly string[] | undefined;
}

/** Selects the part of a container's log to read. */
export interface ContainerLogRequest {
  /** Whether to wait for further output until the container exits. Default: false. */
  readonly follow?: boolean | undefined;
  /** Only the last lines. Default: all. */
  readonly tail?: number | undefined;
  /** Only lines printed since this time. */
  readonly since?: Date | undefined;
  /** Whether each line begins with its time. Default: false. */
  readonly timestamps?: boolean | undefined;
}

/** A program to run in a running container. */
export interface ExecRequest {
  /** The program and its arguments. */
  readonly command: readonly string[];
  /** Further environment variables. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Default: the container's user. */
  readonly user?: string | undefined;
  /** Default: the container's working directory. */
  readonly workingDirectory?: string | undefined;
}

/** The result of a program in a container. */
export interface ExecResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A file to write into a container. */
export interface ContainerFile {
  readonly content: string | Uint8Array;
  /** Permission bits. Default: `0o644`. */
  readonly mode?: number | undefined;
  /** The numeric ID of the owner. Default: 0, root. */
  readonly uid?: number | undefined;
  /** The numeric ID of the group. Default: 0, root. */
  readonly gid?: number | undefined;
}

/** Files to write into a container, by absolute path. */
export type ContainerFiles = Readonly<Record<string, string | Uint8Array | ContainerFile>>;

/** The live output of a container. Both streams end when it exits. */
export interface ContainerOutput {
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Its stdin, if attached; end it to signal the end of input. */
  readonly stdin?: Writable | undefined;
}
