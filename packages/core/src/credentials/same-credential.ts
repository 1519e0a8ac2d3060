import type { RegistryCredential } from "../contract/registry-credentials.js";

/** Whether two credentials are the same; undefined stands for no credentials. */
export function sameCredential(
  one: RegistryCredential | undefined,
  other: RegistryCredential | undefined,
): boolean {
  return sent(one) === sent(other);
}

function sent(credential: RegistryCredential | undefined): string {
  if (credential === undefined) return "";
  return "identityToken" in credential
    ? JSON.stringify([credential.identityToken])
    : JSON.stringify([credential.username, credential.password]);
}
