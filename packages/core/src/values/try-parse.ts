import { isImageSourceError } from "../errors/errors.js";

/** Returns the parser's result; undefined if it rejects the text with an `ImageSourceError`. Throws its other errors. */
export function tryParse<T>(parse: (text: string) => T, text: string): T | undefined {
  try {
    return parse(text);
  } catch (error) {
    if (isImageSourceError(error)) return undefined;
    throw error;
  }
}
