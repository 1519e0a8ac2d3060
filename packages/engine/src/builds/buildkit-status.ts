import { protobufFields } from "./buildkit-session/protobuf-fields.js";

/*
 * The parts of moby.buildkit.v1.StatusResponse that are used (github.com/moby/buildkit,
 * api/services/control/control.proto).
 */

export interface BuildkitStatus {
  readonly vertexes: readonly Vertex[];
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

/** A chunk of a step's output; it may end in the middle of a line or a character. */
export interface VertexLog {
  readonly vertex: string;
  readonly stream: number;
  readonly message: Uint8Array;
}

/** Throws `RangeError` if the bytes are not a valid message. */
export function decodeBuildkitStatus(bytes: Uint8Array): BuildkitStatus {
  const vertexes: Vertex[] = [];
  const logs: VertexLog[] = [];
  const warnings: string[] = [];
  for (const field of protobufFields(bytes)) {
    if (field.number === 1) vertexes.push(vertex(field.bytes));
    if (field.number === 3) logs.push(vertexLog(field.bytes));
    if (field.number === 4) warnings.push(warning(field.bytes));
  }
  return { vertexes, logs, warnings };
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
