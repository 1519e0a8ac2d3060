import type { RegistryCredential, RegistryCredentials } from "@molecule/core";
import { sameCredential } from "./same-credential.js";

/** The credentials that one build is told of registries, and what came of them. */
export interface LentCredentials {
  /** Of that registry alone; undefined: none. Where the finder rejects, {@link failed} aborts with its error as well. */
  of(registry: string): Promise<RegistryCredential | undefined>;
  /** Aborts with the reason why one of them cannot be had: the build must not go on without it. */
  readonly failed: AbortSignal;
  /**
   * A registry refused: what was lent is asked for anew, unless that is what it came from. Answers whether another attempt
   * would have something else to say.
   */
  renewed(): Promise<boolean>;
}

/** Lends the credentials of one user to builds. */
export interface CredentialLender {
  /** @param signal ends what is still being asked */
  lend(signal: AbortSignal | undefined): LentCredentials;
}

export function credentialLender(credentials: RegistryCredentials): CredentialLender {
  const newest = new Map<string, RegistryCredential>();
  return {
    lend(signal) {
      const failure = new AbortController();
      const lent = new Map<string, RegistryCredential>();
      return {
        failed: failure.signal,
        async of(registry) {
          try {
            const found = await credentials.find(registry, { signal });
            if (found !== undefined) lent.set(registry, found);
            return found;
          } catch (error) {
            failure.abort(error);
            throw error;
          }
        },
        async renewed() {
          let changed = false;
          for (const [registry, before] of lent) {
            if (sameCredential(before, newest.get(registry))) continue;
            const now = await credentials.find(registry, { signal, fresh: true });
            if (now === undefined) continue;
            newest.set(registry, now);
            changed ||= !sameCredential(now, before);
          }
          return changed;
        },
      };
    },
  };
}
