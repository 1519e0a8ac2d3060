import type { Writable } from "node:stream";
import { escapeControls, type ImageSourceError } from "@molecule/core";

export function printLine(stream: Writable, line: string): void {
  stream.write(`${line}\n`);
}

export function printJson(stream: Writable, value: unknown): void {
  printLine(stream, JSON.stringify(value));
}

/** An error for people: what happened, where a build stopped, what to do. */
export function printError(stream: Writable, error: ImageSourceError, runtime?: string): void {
  // As it was typed: it need not be a name at all.
  const subject = runtime === undefined ? "" : `${escapeControls(runtime).replaceAll("\n", "\\n")}: `;
  printLine(stream, `molecule-image: ${subject}${error.message} [${error.code}]`);
  for (const line of error.output?.split("\n") ?? []) printLine(stream, `  | ${line}`);
  printLine(stream, `  hint: ${error.hint}`);
}
