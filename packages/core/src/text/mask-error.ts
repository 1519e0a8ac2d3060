import { ImageSourceError, isImageSourceError } from "../errors/errors.js";
import { escapeControls } from "./escape-controls.js";
import { maskStream } from "./mask-stream.js";
import type { Mask } from "./mask.js";
import { createOutputTail } from "./output-tail.js";

const maxCauses = 8;

/** Returns the error with secrets masked and control characters escaped in all texts, causes included. */
export function maskError(error: ImageSourceError, mask: Mask): ImageSourceError {
  const clean = (text: string): string => escapeControls(mask.text(text));
  const oneLine = (text: string): string => clean(text).replaceAll(/\s*\n\s*/g, " ");
  const masked = new ImageSourceError({
    code: error.code,
    message: oneLine(error.message),
    hint: oneLine(error.hint),
    source: error.source ?? undefined,
    step: error.step ?? undefined,
    output: error.output === null ? undefined : maskLines(error.output, mask),
    cause: error.cause === undefined ? undefined : maskCause(error.cause, clean, maxCauses),
    again: error.again,
    transient: error.transient ?? undefined,
  });
  masked.stack = clean(error.stack ?? "");
  return masked;
}

/** Returns its last lines. A line may break, or be cut, inside a secret. */
function maskLines(text: string, mask: Mask): string {
  const stream = maskStream(mask);
  const tail = createOutputTail();
  const keep = (lines: readonly string[]): void => {
    for (const line of lines) tail.add(escapeControls(line));
  };
  for (const line of text.split(/\r?\n/)) keep(stream.take(line));
  keep(stream.end());
  return tail.text();
}

/** Rebuilds the cause rather than copying it, which drops what libraries attach to errors (requests, headers). */
function maskCause(cause: unknown, clean: (text: string) => string, depth: number): unknown {
  if (!(cause instanceof Error)) return clean(String(cause));
  const inner =
    cause.cause === undefined || depth === 0 ? undefined : maskCause(cause.cause, clean, depth - 1);
  const masked = new Error(clean(cause.message), inner === undefined ? undefined : { cause: inner });
  masked.name = cause.name;
  masked.stack = clean(cause.stack ?? "");
  const code = isImageSourceError(cause) ? cause.code : (cause as NodeJS.ErrnoException).code;
  return typeof code === "string" ? Object.assign(masked, { code }) : masked;
}
