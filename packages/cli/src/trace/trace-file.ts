import { closeSync, openSync, writeSync } from "node:fs";
import { systemCode, systemWords } from "@molecule/core";
import { usage } from "../options/usage.js";

/**
 * A file in Chrome's trace format: a JSON array of events. Each event is written at once, and readers accept an array
 * without its end, so that the trace of a killed process can be read.
 */
export interface TraceFile {
  write(event: Readonly<Record<string, unknown>>): void;
  /** Completes the file. Returns why it is incomplete, if a write has failed. May be called again. */
  close(): string | undefined;
}

/** Creates or replaces the file. Throws `USAGE` if it cannot be written. */
export function openTraceFile(path: string): TraceFile {
  let file: number | undefined;
  let failure: string | undefined;
  try {
    file = openSync(path, "w");
  } catch (error) {
    throw usage(`cannot write the trace to ${path}: ${reasonOf(error)}`, "Choose another file for --trace.");
  }
  let separator = "[\n";
  const append = (text: string): void => {
    if (file === undefined || failure !== undefined) return;
    try {
      for (let rest = Buffer.from(text); rest.length > 0;) rest = rest.subarray(writeSync(file, rest));
    } catch (error) {
      failure = reasonOf(error);
    }
  };
  return {
    write: (event) => {
      append(separator + JSON.stringify(event));
      separator = ",\n";
    },
    close: () => {
      append(separator === "[\n" ? "[]\n" : "\n]\n");
      if (file !== undefined) closeSync(file);
      file = undefined;
      return failure;
    },
  };
}

function reasonOf(error: unknown): string {
  const code = systemCode(error);
  if (code === "ENOENT") return "its directory does not exist";
  return code === undefined ? String(error) : systemWords(code);
}
