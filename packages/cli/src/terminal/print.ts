import type { Writable } from "node:stream";
import { types } from "node:util";
import { escapeControls, type ImageSourceError } from "@molecule/core";

/** Exactly one line: what is in it may come from anywhere, labels of images and names of directories among it. */
export function printLine(stream: Writable, line: string): void {
  stream.write(`${escapeControls(line).replaceAll("\n", "\\n")}\n`);
}

/** One line of JSON. It may be shown by a terminal, too; JSON leaves C1 controls and marks of direction as they are. */
export function printJson(stream: Writable, value: unknown): void {
  printLine(stream, JSON.stringify(value));
}

/** An error for people: the last lines of a build, what happened, what to do. These two end it, so that nothing hides them. */
export function printError(stream: Writable, error: ImageSourceError, runtime?: string): void {
  const subject = runtime === undefined ? "" : `${runtime}: `;
  for (const line of error.output?.split("\n") ?? []) printLine(stream, `  | ${line}`);
  printLine(stream, `molecule-image: ${subject}${error.message} [${error.code}]`);
  printLine(stream, `  hint: ${error.hint}`);
}

/** Where an error, masked already, and its causes come from: what the log level debug adds. */
export function printTrace(stream: Writable, error: unknown): void {
  for (let at = error; types.isNativeError(at); at = at.cause) {
    for (const line of (at.stack ?? at.message).split("\n")) printLine(stream, `  > ${escapeControls(line)}`);
  }
}
