import {
  classifyPullFailure,
  classifyRegistryText,
  ImageSourceError,
  oneLine,
  type ErrorCode,
} from "@molecule/core";
import { engineFull } from "../connection/engine-errors.js";

/** Whether the image exists, but not for the requested platform. */
export function saysNoSuchPlatform(text: string): boolean {
  return classifyRegistryText(text, "transfer")?.isPlatform === true;
}

/** Returns the error for a failed pull, whatever the text: an unknown one is attributed to the registry. */
export function pullFailure(
  failure: { readonly text: string; readonly status?: number },
  { reference, address }: { readonly reference: string; readonly address: string },
  cause: unknown,
): ImageSourceError {
  const { text, status } = failure;
  const made = (code: ErrorCode, what: string, hint: string): ImageSourceError =>
    new ImageSourceError({ code, message: `${reference} ${what}: ${oneLine(text)}`, hint, cause });
  return (
    engineFull(address, text, cause) ??
    classifyPullFailure(text, reference, cause) ??
    (status === 404
      ? made("SOURCE_NOT_FOUND", "does not exist in the registry", "Check the reference.")
      : undefined) ??
    (status === 400
      ? made("CONFIG_INVALID", "is refused by the engine", "Check the reference.")
      : undefined) ??
    made(
      "SOURCE_UNREACHABLE",
      "cannot be pulled",
      "Check that the registry is up and reachable from the engine.",
    )
  );
}
