import type { RegistryCredential } from "@molecule/core";
import { authFields, authHeader } from "./auth-header.js";
import { registryKey } from "./registry-key.js";

/**
 * The header `X-Registry-Config`: the credentials that the classic builder, and Podman's, may use, each under the host
 * of its registry. Without credentials there is no header.
 */
export function registryConfig(
  credentials: ReadonlyMap<string, RegistryCredential>,
): Readonly<Record<string, string>> {
  if (credentials.size === 0) return {};
  const byKey: Record<string, object> = {};
  for (const [registry, credential] of credentials) byKey[registryKey(registry)] = authFields(credential);
  return { "x-registry-config": authHeader(byKey) };
}
