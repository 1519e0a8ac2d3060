import { registryKey } from "./registry-key.js";
import type { Told } from "./told-to-registry.js";

/** An engine wants the header of a push, also where it says nothing. */
export const emptyAuth = header({});

/** The header by which an engine is told what to tell a registry; none at all where there is nothing to tell. */
export function registryAuth({ credential, registry }: Told): Readonly<Record<string, string>> {
  if (credential === undefined) return {};
  const serveraddress = registryKey(registry);
  const auth =
    "identityToken" in credential
      ? { identitytoken: credential.identityToken, serveraddress }
      : { username: credential.username, password: credential.password, serveraddress };
  return header(auth);
}

/** Base64 for URLs, padded: without the padding Podman refuses it, and Docker takes it for nothing. */
function header(auth: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const written = Buffer.from(JSON.stringify(auth)).toString("base64");
  return { "x-registry-auth": written.replaceAll("+", "-").replaceAll("/", "_") };
}
