import {
  isImageSourceError,
  parseImageReference,
  type EngineCall,
  type ImageSourceError,
  type RegistryCredentials,
} from "@molecule/core";
import { explainRefusal, type SentCredentials } from "./explain-refusal.js";
import { sameCredential } from "./same-credential.js";

/**
 * Runs a request that a registry may refuse, with the user's credentials. If they are refused, looks them up again, and
 * repeats the request once if they have changed.
 * @param reference names the registry
 * @param work rejects with `SOURCE_DENIED` if the registry refuses
 */
export async function withRegistryCredentials<T>(
  reference: string,
  credentials: RegistryCredentials,
  { signal }: EngineCall,
  work: (sent: SentCredentials) => Promise<T>,
): Promise<T> {
  const { registry } = parseImageReference(reference);
  const sent = { registry, credential: await credentials.find(registry, { signal }) };
  try {
    return await work(sent);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    const fresh = { registry, credential: await credentials.find(registry, { signal, fresh: true }) };
    if (sameCredential(sent.credential, fresh.credential)) throw explainRefusal(error, sent);
    return work(fresh).catch((again: unknown) => {
      throw isRefusal(again) ? explainRefusal(again, fresh) : again;
    });
  }
}

function isRefusal(error: unknown): error is ImageSourceError {
  return isImageSourceError(error) && error.code === "SOURCE_DENIED";
}
