import { ImageSourceError } from "../errors/errors.js";
import { oneLine } from "../text/one-line.js";
import { withoutOperations } from "./unwrap-engine-text.js";
import { classifyRegistryText, type RegistryTextOrigin } from "./classify-registry-text.js";

/**
 * Returns the error for a failed pull by the engine's text; undefined if the text is unknown.
 * @param reference the image, or a build's description of what it pulled
 */
export function classifyPullFailure(
  text: string,
  reference: string,
  cause: unknown,
  origin: RegistryTextOrigin = "transfer",
): ImageSourceError | undefined {
  const match = classifyRegistryText(text, origin);
  if (match === undefined) return undefined;
  const { code, what, hint, passes } = match;
  return new ImageSourceError({
    code,
    message: `${reference} ${what}: ${oneLine(withoutOperations(text))}`,
    hint,
    cause,
    transient: passes === true ? {} : undefined,
  });
}
