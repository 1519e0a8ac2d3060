import { authFields, authHeader } from "./auth-header.js";
import { registryKey } from "./registry-key.js";
import type { SentCredentials } from "./explain-refusal.js";

/** An engine wants the header of a push, also where it says nothing. */
export const emptyAuth = { "x-registry-auth": authHeader({}) };

/** The header with which an engine receives the credentials for a registry; none without credentials. */
export function registryAuth({ credential, registry }: SentCredentials): Readonly<Record<string, string>> {
  if (credential === undefined) return {};
  const auth = { ...authFields(credential), serveraddress: registryKey(registry) };
  return { "x-registry-auth": authHeader(auth) };
}
