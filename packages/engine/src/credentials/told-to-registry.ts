import {
  isImageSourceError,
  parseImageReference,
  type EngineCall,
  type ImageSourceError,
  type RegistryCredential,
  type RegistryCredentials,
} from "@molecule/core";
import { sameCredential } from "./same-credential.js";

/** What a registry is told with a request. */
export interface Told {
  readonly registry: string;
  /** Undefined: nothing. */
  readonly credential: RegistryCredential | undefined;
}

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
  work: (told: Told) => Promise<T>,
): Promise<T> {
  const { registry } = parseImageReference(reference);
  const told = { registry, credential: await credentials.find(registry, { signal }) };
  try {
    return await work(told);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    const fresh = { registry, credential: await credentials.find(registry, { signal, fresh: true }) };
    if (sameCredential(told.credential, fresh.credential)) throw explained(error, told);
    return work(fresh).catch((again: unknown) => {
      throw isRefusal(again) ? explained(again, fresh) : again;
    });
  }
}

function isRefusal(error: unknown): error is ImageSourceError {
  return isImageSourceError(error) && error.code === "SOURCE_DENIED";
}

/** The same refusal, with where what was refused comes from. */
function explained(error: ImageSourceError, { registry, credential }: Told): ImageSourceError {
  if (credential === undefined) {
    return error.with({
      message: `${error.message} (asked without credentials)`,
      hint: `The docker configuration has no credentials for ${registry}: log in with \`docker login ${registry}\`.`,
    });
  }
  return error.with({
    message: `${error.message} (asked with the credentials of ${credential.from})`,
    hint: `Log in anew with \`docker login ${registry}\`, or ask who runs ${registry} for the right to do this.`,
  });
}
