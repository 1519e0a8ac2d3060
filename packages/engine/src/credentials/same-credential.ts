import type { RegistryCredential } from "@molecule/core";

/** Whether a registry would be told the same; undefined: nothing. */
export function sameCredential(
  one: RegistryCredential | undefined,
  other: RegistryCredential | undefined,
): boolean {
  return told(one) === told(other);
}

function told(credential: RegistryCredential | undefined): string {
  if (credential === undefined) return "";
  return "identityToken" in credential
    ? JSON.stringify([credential.identityToken])
    : JSON.stringify([credential.username, credential.password]);
}
