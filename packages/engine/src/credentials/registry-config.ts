import type { RegistryCredential } from "@molecule/core";
import { authFields, authHeader } from "./auth-header.js";
import { registryKey } from "./registry-key.js";

/**
 * Returns the header `X-Registry-Config`: the credentials that the classic builder and Podman's may use, keyed by
 * registry host. Returns no header without credentials.
 */
export function registryConfig(
  credentials: ReadonlyMap<string, RegistryCredential>,
): Readonly<Record<string, string>> {
  if (credentials.size === 0) return {};
  const byKey: Record<string, object> = {};
  for (const [registry, credential] of credentials) byKey[registryKey(registry)] = authFields(credential);
  return { "x-registry-config": authHeader(byKey) };
}
