import type { RegistryCredential } from "@molecule/core";
import { registryKey } from "./registry-key.js";

/** The header by which an engine is told what to tell a registry; none at all where there is nothing to tell. */
export function registryAuth(
  credential: RegistryCredential | undefined,
  registry: string,
): Readonly<Record<string, string>> {
  if (credential === undefined) return {};
  const serveraddress = registryKey(registry);
  const auth =
    "identityToken" in credential
      ? { identitytoken: credential.identityToken, serveraddress }
      : { username: credential.username, password: credential.password, serveraddress };
  return { "x-registry-auth": Buffer.from(JSON.stringify(auth)).toString("base64url") };
}
