/*
 * The parts of moby.buildkit.v1.StatusResponse that are used (github.com/moby/buildkit,
 * api/services/control/control.proto).
 */

/** A message about the progress of a build. */
export interface BuildkitStatus {
  readonly vertexes: readonly BuildkitVertex[];
  readonly statuses: readonly BuildkitVertexStatus[];
  readonly logs: readonly BuildkitVertexLog[];
  /** Warnings of the Dockerfile checks, one line each. */
  readonly warnings: readonly string[];
}

/** A build step, sent again whenever it changes. */
export interface BuildkitVertex {
  readonly digest: string;
  readonly name: string;
  readonly cached: boolean;
  readonly started: boolean;
  readonly completed: boolean;
  /** Empty if there is none. */
  readonly error: string;
}

/** A part of a step: a layer in transfer, or a phase. Sent again every 100 ms, changed or not. */
export interface BuildkitVertexStatus {
  /** The digest of a layer, or a text such as `extracting sha256:…`. */
  readonly id: string;
  readonly vertex: string;
  /** Such as `downloading`; Docker's containerd store sends none. */
  readonly name: string;
  /** In bytes; 0 if it is not counted. */
  readonly current: number;
  /** 0 if unknown. */
  readonly total: number;
  readonly completed: boolean;
}

/** A chunk of a step's output; it may end in the middle of a line or a character. */
export interface BuildkitVertexLog {
  readonly vertex: string;
  readonly stream: number;
  readonly message: Uint8Array;
}
