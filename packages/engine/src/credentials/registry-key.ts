/** What the docker CLI calls Docker Hub, whichever name an image has it by. */
const hubKey = "https://index.docker.io/v1/";
const hubNames: ReadonlySet<string> = new Set(["docker.io", "index.docker.io"]);

/** The key under which the docker CLI stores a registry's credentials, and that helpers receive. */
export function registryKey(registry: string): string {
  return hubNames.has(registry) ? hubKey : registry;
}

/**
 * The key of `auths` that is meant for a registry: its own, else the first that is it but for a scheme and a path, as
 * old versions of the CLI wrote them.
 */
export function matchingKey(keys: readonly string[], registry: string): string | undefined {
  const own = registryKey(registry);
  return keys.includes(own) ? own : keys.find((key) => hostOf(key) === own);
}

function hostOf(key: string): string {
  const [, host] = /^[a-z][a-z0-9+.-]*:\/\/(?:[^/?#]*@)?([^/?#]+)/i.exec(key) ?? [];
  return host ?? key.replace(/\/.*$/s, "");
}
