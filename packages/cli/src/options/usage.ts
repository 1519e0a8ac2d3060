import { ImageSourceError } from "@molecule/core";

export function usage(message: string, hint = "Run molecule-image --help."): ImageSourceError {
  return new ImageSourceError({ code: "USAGE", message, hint });
}
