/** The docker CLI's key for Docker Hub, whichever of its names an image uses. */
const hubKey = "https://index.docker.io/v1/";
const hubNames: ReadonlySet<string> = new Set(["docker.io", "index.docker.io"]);

/** Returns the key under which the docker CLI stores a registry's credentials, and which it passes to helpers. */
export function registryKey(registry: string): string {
  return hubNames.has(registry) ? hubKey : registry;
}

/**
 * Returns the key of `auths` for a registry: an exact match, else the first that differs only by a scheme and a path,
 * as old versions of the CLI wrote them.
 */
export function matchingKey(keys: readonly string[], registry: string): string | undefined {
  const own = registryKey(registry);
  return keys.includes(own) ? own : keys.find((key) => hostOf(key) === own);
}

function hostOf(key: string): string {
  const [, host] = /^[a-z][a-z0-9+.-]*:\/\/(?:[^/?#]*@)?([^/?#]+)/i.exec(key) ?? [];
  return host ?? key.replace(/\/.*$/s, "");
}
