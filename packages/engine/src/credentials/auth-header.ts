import type { RegistryCredential } from "@molecule/core";

/** Returns a credential in the form that the engine's API expects. */
export function authFields(credential: RegistryCredential): Readonly<Record<string, string>> {
  return "identityToken" in credential
    ? { identitytoken: credential.identityToken }
    : { username: credential.username, password: credential.password };
}

/**
 * Returns a value for `X-Registry-Auth` or `X-Registry-Config`. Engines expect URL-safe base64 with padding, which
 * Node's `base64url` omits, and silently continue without credentials if they cannot decode it.
 */
export function authHeader(value: object): string {
  const base64 = Buffer.from(JSON.stringify(value)).toString("base64");
  return base64.replaceAll("+", "-").replaceAll("/", "_");
}
