import type { EngineCall } from "../contract/engine-call.js";
import type { RegistryCredential, RegistryCredentials } from "../contract/registry-credentials.js";
import { isImageSourceError } from "../errors/errors.js";
import { sameCredential } from "./same-credential.js";

/** Returns the credentials to send to a registry; undefined if there are none. */
export type FindCredential = (registry: string) => Promise<RegistryCredential | undefined>;

/**
 * Runs work that registries may refuse, with the user's credentials. If it is refused, looks up the credentials that it
 * used again, and repeats it once if they have changed.
 * @param work finds the credentials of each registry that it contacts, and no others; rejects with `SOURCE_DENIED` if a
 * registry refuses. It must be repeatable
 */
export async function withRegistryCredentials<T>(
  credentials: RegistryCredentials,
  { signal }: EngineCall,
  work: (find: FindCredential) => Promise<T>,
): Promise<T> {
  const used = new Map<string, RegistryCredential | undefined>();
  const latest = new Map<string, RegistryCredential | undefined>();
  const find: FindCredential = async (registry) => {
    if (latest.has(registry)) return latest.get(registry);
    const found = await credentials.find(registry, { signal });
    used.set(registry, found);
    return found;
  };
  try {
    return await work(find);
  } catch (error) {
    if (!isImageSourceError(error) || error.code !== "SOURCE_DENIED") throw error;
    for (const registry of used.keys())
      latest.set(registry, await credentials.find(registry, { signal, fresh: true }));
    if ([...used].every(([registry, sent]) => sameCredential(sent, latest.get(registry)))) throw error;
    return work(find);
  }
}
