import {
  isImageSourceError,
  parseImageReference,
  withRegistryCredentials,
  type EngineCall,
  type ImageSourceError,
  type RegistryCredentials,
} from "@molecule/core";
import { explainRefusal, type SentCredentials } from "./explain-refusal.js";

/** A refusal that other credentials would not change, such as that of an immutable tag. */
export class FinalRefusal extends Error {
  constructor(readonly error: ImageSourceError) {
    super(error.message);
  }
}

/**
 * Runs a request about one image with the credentials of its registry. A refusal says where they come from.
 * @param work rejects with `SOURCE_DENIED` if the registry refuses, and is then repeated once if the credentials have
 * changed; or with {@link FinalRefusal}, whose error the caller gets unchanged
 */
export async function withCredentialsFor<T>(
  reference: string,
  credentials: RegistryCredentials,
  call: EngineCall,
  work: (sent: SentCredentials) => Promise<T>,
): Promise<T> {
  const { registry } = parseImageReference(reference);
  try {
    return await withRegistryCredentials(credentials, call, async (find) => {
      const sent = { registry, credential: await find(registry) };
      return work(sent).catch((error: unknown) => {
        throw isImageSourceError(error) && error.code === "SOURCE_DENIED"
          ? explainRefusal(error, sent)
          : error;
      });
    });
  } catch (error) {
    throw error instanceof FinalRefusal ? error.error : error;
  }
}
