import type { ImageSourceError } from "../errors/errors.js";

/** What stands for the source's name in a hint: code that several sources share does not know it. */
const placeholder = "options.<source>.";

/** The error with the name of the source it happened in, in its hint too. */
export function stampSource(error: ImageSourceError, name: string): ImageSourceError {
  const source = error.source ?? name;
  return error.with({ source, hint: nameSource(error.hint, source) });
}

/** The text with the key of a source's options in full. */
export function nameSource(text: string, source: string): string {
  return text.replaceAll(placeholder, `options.${source}.`);
}
