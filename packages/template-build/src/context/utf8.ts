import { isUtf8 } from "node:buffer";
import { templateInvalid } from "./template-invalid.js";

/**
 * The text that these bytes of a template are; `what` says which they are. Any other encoding would have to be guessed, and
 * the image would hold another name than the repository: `TEMPLATE_INVALID`.
 */
export function utf8(bytes: Buffer, what: string): string {
  if (isUtf8(bytes)) return bytes.toString("utf8");
  throw templateInvalid(
    `${JSON.stringify(what)} of the template is not UTF-8: ${JSON.stringify(bytes.toString("latin1"))}`,
    "Rename it in the template.",
  );
}
