import { ImageSourceError } from "@molecule/core";

/** What the author of the template has to put right. */
export function templateInvalid(message: string, hint: string): ImageSourceError {
  return new ImageSourceError({ code: "TEMPLATE_INVALID", message, hint });
}
