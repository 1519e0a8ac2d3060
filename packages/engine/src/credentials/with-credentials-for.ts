import {
  isImageSourceError,
  parseImageReference,
  withRegistryCredentials,
  type EngineCall,
  type RegistryCredentials,
} from "@molecule/core";
import { explainRefusal, type SentCredentials } from "./explain-refusal.js";

/**
 * Runs a request about one image with the credentials of its registry. A refusal says where they come from.
 * @param work rejects with `SOURCE_DENIED` if the registry refuses; repeated once if the credentials have changed
 */
export function withCredentialsFor<T>(
  reference: string,
  credentials: RegistryCredentials,
  call: EngineCall,
  work: (sent: SentCredentials) => Promise<T>,
): Promise<T> {
  const { registry } = parseImageReference(reference);
  return withRegistryCredentials(credentials, call, async (find) => {
    const sent = { registry, credential: await find(registry) };
    return work(sent).catch((error: unknown) => {
      throw isImageSourceError(error) && error.code === "SOURCE_DENIED" ? explainRefusal(error, sent) : error;
    });
  });
}
