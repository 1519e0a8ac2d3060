import type { ImageSourceError } from "../errors/errors.js";

/** The placeholder for the source's name in hints of code that several sources share. */
const placeholder = "options.<source>.";

/** Returns the error with its source's name, in its hint too. */
export function stampSource(error: ImageSourceError, name: string): ImageSourceError {
  const source = error.source ?? name;
  return error.with({ source, hint: nameSource(error.hint, source) });
}

/** Returns the text with the source's name in place of the placeholder. */
export function nameSource(text: string, source: string): string {
  return text.replaceAll(placeholder, `options.${source}.`);
}
