import type { BuildkitStatus, BuildkitVertex, BuildkitVertexLog, BuildkitVertexStatus } from "@molecule/core";
import { protobufFields } from "./buildkit-session/protobuf-fields.js";

/** Throws `RangeError` if the bytes are not a valid message. */
export function decodeBuildkitStatus(bytes: Uint8Array): BuildkitStatus {
  const vertexes: BuildkitVertex[] = [];
  const statuses: BuildkitVertexStatus[] = [];
  const logs: BuildkitVertexLog[] = [];
  const warnings: string[] = [];
  for (const field of protobufFields(bytes)) {
    if (field.number === 1) vertexes.push(vertex(field.bytes));
    if (field.number === 2) statuses.push(vertexStatus(field.bytes));
    if (field.number === 3) logs.push(vertexLog(field.bytes));
    if (field.number === 4) warnings.push(warning(field.bytes));
  }
  return { vertexes, statuses, logs, warnings };
}

function vertex(bytes: Uint8Array): BuildkitVertex {
  let seen: BuildkitVertex = {
    digest: "",
    name: "",
    cached: false,
    started: false,
    completed: false,
    error: "",
  };
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

function vertexStatus(bytes: Uint8Array): BuildkitVertexStatus {
  let seen: BuildkitVertexStatus = { id: "", vertex: "", name: "", current: 0, total: 0, completed: false };
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

function vertexLog(bytes: Uint8Array): BuildkitVertexLog {
  let seen: BuildkitVertexLog = { vertex: "", stream: 0, message: new Uint8Array(0) };
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
