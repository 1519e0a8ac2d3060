import type { Writable } from "node:stream";
import { types } from "node:util";
import { escapeControls, type ImageSourceError } from "@molecule/core";

/** Prints exactly one line. Newlines and controls are escaped, because the text may come from outside. */
export function printLine(stream: Writable, line: string): void {
  stream.write(`${escapeControls(line).replaceAll("\n", "\\n")}\n`);
}

/** Prints one line of JSON. Controls are escaped, because JSON allows C1 controls and bidirectional marks. */
export function printJson(stream: Writable, value: unknown): void {
  printLine(stream, JSON.stringify(value));
}

/** Prints an error for people: the last lines of a build, then the message and the hint, so that both stay visible. */
export function printError(stream: Writable, error: ImageSourceError, runtime?: string): void {
  const subject = runtime === undefined ? "" : `${runtime}: `;
  for (const line of error.output?.split("\n") ?? []) printLine(stream, `  | ${line}`);
  printLine(stream, `molecule-image: ${subject}${error.message} [${error.code}]`);
  printLine(stream, `  hint: ${error.hint}`);
}

/** Prints the stacks of a masked error and its causes, for the log level debug. */
export function printTrace(stream: Writable, error: unknown): void {
  for (let at = error; types.isNativeError(at); at = at.cause) {
    for (const line of (at.stack ?? at.message).split("\n")) printLine(stream, `  > ${escapeControls(line)}`);
  }
}
