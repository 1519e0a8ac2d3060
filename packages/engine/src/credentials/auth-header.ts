import type { RegistryCredential } from "@molecule/core";

/** A credential as the engine's API takes it. */
export function authFields(credential: RegistryCredential): Readonly<Record<string, string>> {
  return "identityToken" in credential
    ? { identitytoken: credential.identityToken }
    : { username: credential.username, password: credential.password };
}

/**
 * A value of `X-Registry-Auth` or `X-Registry-Config`. Engines read base64 for URLs with its padding, which Node's own
 * leaves out, and go on without credentials when they cannot read it.
 */
export function authHeader(value: object): string {
  const base64 = Buffer.from(JSON.stringify(value)).toString("base64");
  return base64.replaceAll("+", "-").replaceAll("/", "_");
}
