import { isImageSourceError } from "../errors/errors.js";
import { parsePlatform, type Platform } from "./platform.js";

/** The word for the engine's own platform. The empty string means the same. */
const native = "native";

/** Returns the platform that a user wrote, or undefined for the engine's own. Throws `CONFIG_INVALID`. */
export function platformSetting(written: string): Platform | undefined {
  if (written === "" || written === native) return undefined;
  try {
    return parsePlatform(written);
  } catch (error) {
    if (!isImageSourceError(error)) throw error;
    throw error.with({ hint: error.hint.replace(/\.$/, `, or ${native} for the engine's own platform.`) });
  }
}
