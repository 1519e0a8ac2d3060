import type { ImageSourceError, RegistryCredential } from "@molecule/core";

/** The credentials sent to a registry with a request. */
export interface SentCredentials {
  readonly registry: string;
  /** Undefined if none were sent. */
  readonly credential: RegistryCredential | undefined;
}

/** Returns the same refusal, extended by where the refused credentials come from. */
export function explainRefusal(
  error: ImageSourceError,
  { registry, credential }: SentCredentials,
): ImageSourceError {
  if (credential === undefined) {
    return error.with({
      message: `${error.message} (no credentials were sent)`,
      hint: `The docker configuration has no credentials for ${registry}: log in with \`docker login ${registry}\`.`,
    });
  }
  return error.with({
    message: `${error.message} (with the credentials of ${credential.from})`,
    hint: `Log in again with \`docker login ${registry}\`, or ask the operator of ${registry} for access.`,
  });
}
