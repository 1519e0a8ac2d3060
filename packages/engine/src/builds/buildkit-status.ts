import { protobufFields } from "./buildkit-session/protobuf-fields.js";

/*
 * The parts of moby.buildkit.v1.StatusResponse that are used (github.com/moby/buildkit,
 * api/services/control/control.proto).
 */

export interface BuildkitStatus {
  readonly vertexes: readonly Vertex[];
  readonly statuses: readonly VertexStatus[];
  readonly logs: readonly VertexLog[];
  /** Warnings of the Dockerfile checks, one line each. */
  readonly warnings: readonly string[];
}

/** A build step, sent again whenever it changes. */
export interface Vertex {
  readonly digest: string;
  readonly name: string;
  readonly cached: boolean;
  readonly started: boolean;
  readonly completed: boolean;
  /** Empty if there is none. */
  readonly error: string;
}

/** A part of a step: a layer in transfer, or a phase. Sent again every 100 ms, changed or not. */
export interface VertexStatus {
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
export interface VertexLog {
  readonly vertex: string;
  readonly stream: number;
  readonly message: Uint8Array;
}

/** Throws `RangeError` if the bytes are not a valid message. */
export function decodeBuildkitStatus(bytes: Uint8Array): BuildkitStatus {
  const vertexes: Vertex[] = [];
  const statuses: VertexStatus[] = [];
  const logs: VertexLog[] = [];
  const warnings: string[] = [];
  for (const field of protobufFields(bytes)) {
    if (field.number === 1) vertexes.push(vertex(field.bytes));
    if (field.number === 2) statuses.push(vertexStatus(field.bytes));
    if (field.number === 3) logs.push(vertexLog(field.bytes));
    if (field.number === 4) warnings.push(warning(field.bytes));
  }
  return { vertexes, statuses, logs, warnings };
}

function vertex(bytes: Uint8Array): Vertex {
  let seen: Vertex = { digest: "", name: "", cached: false, started: false, completed: false, error: "" };
  for (const { number, amount, bytes: value } of protobufFields(bytes)) {
    if (number === 1) seen = { ...seen, digest: text(value) };
    if (number === 3) seen = { ...seen, name: text(value) };
    if (number === 4) seen = { ...seen, cached: amount !== 0 };
    if (number === 5) seen = { ...seen, started: true };
    if (number === 6) seen = { ...seen, completed: true };
    if (number === 7) seen = { ...seen, error: text(value) };
  }
  return seen;
}

function vertexStatus(bytes: Uint8Array): VertexStatus {
  let seen: VertexStatus = { id: "", vertex: "", name: "", current: 0, total: 0, completed: false };
  for (const { number, amount, bytes: value } of protobufFields(bytes)) {
    if (number === 1) seen = { ...seen, id: text(value) };
    if (number === 2) seen = { ...seen, vertex: text(value) };
    if (number === 3) seen = { ...seen, name: text(value) };
    if (number === 4) seen = { ...seen, current: amount };
    if (number === 5) seen = { ...seen, total: amount };
    if (number === 8) seen = { ...seen, completed: true };
  }
  return seen;
}

function vertexLog(bytes: Uint8Array): VertexLog {
  let seen: VertexLog = { vertex: "", stream: 0, message: new Uint8Array(0) };
  for (const { number, amount, bytes: value } of protobufFields(bytes)) {
    if (number === 1) seen = { ...seen, vertex: text(value) };
    if (number === 3) seen = { ...seen, stream: amount };
    if (number === 4) seen = { ...seen, message: value };
  }
  return seen;
}

function warning(bytes: Uint8Array): string {
  let seen = "";
  for (const { number, bytes: value } of protobufFields(bytes)) if (number === 3) seen = text(value);
  return seen;
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("utf8");
}
