import { ImageSourceError } from "@molecule/core";

/** An error that the author of the template has to fix. */
export function templateInvalid(message: string, hint: string): ImageSourceError {
  return new ImageSourceError({ code: "TEMPLATE_INVALID", message, hint });
}
