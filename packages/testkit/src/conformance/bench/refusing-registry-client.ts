import type { RegistryClient } from "@molecule/core";

const refuse = (reference: string): Promise<never> =>
  Promise.reject(
    new TypeError(`the source queries ${reference}: pass a \`registryClient\` to the conformance suite`),
  );

/** The service for a source that queries no registry: it refuses every call. */
export const refusingRegistryClient: RegistryClient = {
  resolveDigest: refuse,
  readImage: refuse,
  tagImage: refuse,
};
