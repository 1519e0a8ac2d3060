import {
  isImageSourceError,
  parseImageReference,
  type EngineCall,
  type ImageSourceError,
  type RegistryCredentials,
} from "@molecule/core";
import { explainRefusal, type Told } from "./explain-refusal.js";
import { sameCredential } from "./same-credential.js";

/**
 * Runs a request that a registry may refuse, with this user's credentials. Refused credentials are looked up again, and if
 * they have changed, the request is repeated once.
 * @param reference names the registry
 * @param work rejects with `SOURCE_DENIED` when the registry refuses
 */
export async function toldToRegistry<T>(
  reference: string,
  credentials: RegistryCredentials,
  { signal }: EngineCall,
  work: (told: Told) => Promise<T>,
): Promise<T> {
  const { registry } = parseImageReference(reference);
  const told = { registry, credential: await credentials.find(registry, { signal }) };
  try {
    return await work(told);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    const fresh = { registry, credential: await credentials.find(registry, { signal, fresh: true }) };
    if (sameCredential(told.credential, fresh.credential)) throw explainRefusal(error, told);
    return work(fresh).catch((again: unknown) => {
      throw isRefusal(again) ? explainRefusal(again, fresh) : again;
    });
  }
}

function isRefusal(error: unknown): error is ImageSourceError {
  return isImageSourceError(error) && error.code === "SOURCE_DENIED";
}
