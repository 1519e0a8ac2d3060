import { isImageSourceError, type ImageSourceError } from "@molecule/core";

/** Returns the typed error that the call rejects with. Throws if it resolves. */
export async function failureOf(call: Promise<unknown>): Promise<ImageSourceError> {
  try {
    await call;
  } catch (error) {
    if (isImageSourceError(error)) return error;
    throw error;
  }
  throw new Error("the call did not fail");
}
