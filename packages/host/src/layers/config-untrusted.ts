import { ImageSourceError } from "@molecule/core";
import { shellWord } from "@molecule/node-edges";

/** Returns `CONFIG_UNTRUSTED`, with the command that trusts the file as its hint. */
export function configUntrusted(file: string, message: string, cause?: unknown): ImageSourceError {
  return new ImageSourceError({
    code: "CONFIG_UNTRUSTED",
    message,
    hint: `Review it, then accept it with: molecule-image trust ${shellWord(file)}`,
    cause,
  });
}
