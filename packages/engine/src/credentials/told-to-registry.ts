import {
  isImageSourceError,
  parseImageReference,
  type EngineCall,
  type RegistryCredential,
  type RegistryCredentials,
} from "@molecule/core";

/**
 * Does what a registry may refuse, with what this user has for it. Refused credentials are asked for anew, and where
 * they have been replaced meanwhile the work is done once again.
 * @param reference names the registry
 * @param work rejects with `SOURCE_DENIED` when the registry refuses
 */
export async function toldToRegistry<T>(
  reference: string,
  credentials: RegistryCredentials,
  { signal }: EngineCall,
  work: (credential: RegistryCredential | undefined, registry: string) => Promise<T>,
): Promise<T> {
  const { registry } = parseImageReference(reference);
  const credential = await credentials.find(registry, { signal });
  try {
    return await work(credential, registry);
  } catch (error) {
    if (!isImageSourceError(error) || error.code !== "SOURCE_DENIED") throw error;
    const fresh = await credentials.find(registry, { signal, fresh: true });
    if (fresh === undefined || isSame(fresh, credential)) throw error;
    return work(fresh, registry);
  }
}

function isSame(one: RegistryCredential, other: RegistryCredential | undefined): boolean {
  const told = (credential: RegistryCredential): string =>
    "identityToken" in credential
      ? JSON.stringify([credential.identityToken])
      : JSON.stringify([credential.username, credential.password]);
  return other !== undefined && told(one) === told(other);
}
