import { authFields, authHeader } from "./auth-header.js";
import { registryKey } from "./registry-key.js";
import type { SentCredentials } from "./explain-refusal.js";

/** Engines require this header for a push, even if it is empty. */
export const emptyAuth = { "x-registry-auth": authHeader({}) };

/** Returns the header that passes a registry's credentials to an engine; no header without credentials. */
export function registryAuth({ credential, registry }: SentCredentials): Readonly<Record<string, string>> {
  if (credential === undefined) return {};
  const auth = { ...authFields(credential), serveraddress: registryKey(registry) };
  return { "x-registry-auth": authHeader(auth) };
}
