import type { RegistryCredential, RegistryCredentials } from "@molecule/core";
import { sameCredential } from "./same-credential.js";

/** The credentials that one build may send to registries, and whether they were accepted. */
export interface LentCredentials {
  /** Of that registry alone; undefined: none. Where the finder rejects, {@link failed} aborts with its error as well. */
  of(registry: string): Promise<RegistryCredential | undefined>;
  /** Aborts with the reason why one of them cannot be read: the build must not go on without it. */
  readonly failed: AbortSignal;
  /** The registry refused: its credentials are looked up again, unless they come from the same place. */
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
  /** @param signal ends what is still being asked */
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
          // A registry that refuses without a challenge refuses everybody.
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
