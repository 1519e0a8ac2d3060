import { sameCredential, type RegistryCredential, type RegistryCredentials } from "@molecule/core";

/** The credentials that one build may send to registries, and whether they were accepted. */
export interface LentCredentials {
  /**
   * Resolves to the credentials of that registry only; undefined if there are none. If the lookup fails, rejects and
   * also aborts {@link failed} with the same error.
   */
  of(registry: string): Promise<RegistryCredential | undefined>;
  /** Aborts if credentials cannot be read, with the reason: the build must not continue without them. */
  readonly failed: AbortSignal;
  /** Handles a registry's refusal: looks its credentials up again, unless the refused ones were already the latest. */
  refused(registry: string): Promise<Refused>;
}

export interface Refused {
  /** The credentials that were sent; undefined if none were. */
  readonly credential: RegistryCredential | undefined;
  /** Whether another attempt would send different credentials. */
  readonly isReplaced: boolean;
}

/** Lends the credentials of one user to builds. */
export interface CredentialLender {
  /** @param signal cancels pending lookups */
  lend(signal: AbortSignal | undefined): LentCredentials;
}

export function credentialLender(credentials: RegistryCredentials): CredentialLender {
  const newest = new Map<string, RegistryCredential | undefined>();
  return {
    lend(signal) {
      const failure = new AbortController();
      const lent = new Map<string, RegistryCredential | undefined>();
      return {
        failed: failure.signal,
        async of(registry) {
          try {
            const found = await credentials.find(registry, { signal });
            lent.set(registry, found);
            return found;
          } catch (error) {
            failure.abort(error);
            throw error;
          }
        },
        async refused(registry) {
          const credential = lent.get(registry);
          // A registry that refuses without a challenge was never sent credentials, and refuses everybody.
          if (!lent.has(registry)) return { credential, isReplaced: false };
          const isNewest = newest.has(registry) && sameCredential(credential, newest.get(registry));
          if (isNewest) return { credential, isReplaced: false };
          const now = await credentials.find(registry, { signal, fresh: true });
          newest.set(registry, now);
          return { credential, isReplaced: !sameCredential(credential, now) };
        },
      };
    },
  };
}
