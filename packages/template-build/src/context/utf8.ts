import { isUtf8 } from "node:buffer";
import { templateInvalid } from "./template-invalid.js";

/**
 * Decodes bytes of a template. Throws `TEMPLATE_INVALID` if they are not UTF-8: another encoding would be a guess, and the
 * names in the image would differ from those in the repository.
 * @param what describes the bytes, for the error
 */
export function utf8(bytes: Buffer, what: string): string {
  if (isUtf8(bytes)) return bytes.toString("utf8");
  throw templateInvalid(
    `${JSON.stringify(what)} of the template is not UTF-8: ${JSON.stringify(bytes.toString("latin1"))}`,
    "Rename it in the template.",
  );
}
