import { authFields, authHeader } from "./auth-header.js";
import { registryKey } from "./registry-key.js";
import type { Told } from "./explain-refusal.js";

/** An engine wants the header of a push, also where it says nothing. */
export const emptyAuth = { "x-registry-auth": authHeader({}) };

/** The header by which an engine is told what to tell a registry; none at all where there is nothing to tell. */
export function registryAuth({ credential, registry }: Told): Readonly<Record<string, string>> {
  if (credential === undefined) return {};
  const auth = { ...authFields(credential), serveraddress: registryKey(registry) };
  return { "x-registry-auth": authHeader(auth) };
}
