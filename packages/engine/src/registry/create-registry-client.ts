import {
  parseImageReference,
  type Fetch,
  type RegistryCall,
  type RegistryClient,
  type RegistryCredentials,
} from "@molecule/core";
import { cancellation, hasLeft } from "../connection/cancellation.js";
import { withCredentialsFor } from "../credentials/with-credentials-for.js";
import { openRepository, type Repository } from "./open-repository.js";
import { imageIn } from "./read-image.js";
import { digestIn, tagIn } from "./read-manifest.js";
import { registrySchemes } from "./registry-access.js";

/** The services that a registry client needs. */
export interface RegistryClientOptions {
  readonly fetch: Fetch;
  readonly credentials: RegistryCredentials;
  /** The time limit of each request. Default: 30 s. */
  readonly deadlineMs?: number;
}

const never = new AbortController().signal;

/** Creates a client of registries. Contacts nothing before the first call. */
export function createRegistryClient({
  fetch,
  credentials,
  deadlineMs,
}: RegistryClientOptions): RegistryClient {
  async function inRepository<T>(
    reference: string,
    { signal = never, allowsHttp = false }: RegistryCall,
    work: (repository: Repository) => Promise<T>,
  ): Promise<T> {
    const schemes = await registrySchemes(reference, () => allowsHttp);
    try {
      return await withCredentialsFor(reference, credentials, { signal }, (sent) =>
        work(openRepository(parseImageReference(reference), { fetch, sent, schemes, signal, deadlineMs })),
      );
    } catch (error) {
      throw hasLeft(signal) ? cancellation(signal) : error;
    }
  }
  return {
    resolveDigest: (reference, call = {}) =>
      inRepository(reference, call, (repository) => digestIn(repository, reference)),
    readImage: (reference, platform, call = {}) =>
      inRepository(reference, call, (repository) => imageIn(repository, reference, platform)),
    tagImage: (reference, tag, call = {}) =>
      inRepository(reference, call, (repository) => tagIn(repository, reference, tag)),
  };
}
