/** A credential for a registry, and the configuration entry it came from. */
export type RegistryCredential = {
  /** The entry that matched (`credHelpers["ghcr.io"] of /home/me/.docker/config.json`); never the credential itself. */
  readonly from: string;
} & ({ readonly username: string; readonly password: string } | { readonly identityToken: string });

/** This user's credentials for registries. A host only ever gets its own. */
export interface RegistryCredentials {
  /**
   * Returns undefined if there is no credential. Rejects with `CONFIG_INVALID` or `SOURCE_DENIED` if an entry exists
   * but does not yield a credential.
   * @param registry the host, with its port where it has one: `docker.io`, `127.0.0.1:5000`
   */
  find(
    registry: string,
    options?: {
      readonly signal?: AbortSignal | undefined;
      /** The registry rejected the cached credential: look it up again. */
      readonly fresh?: boolean;
    },
  ): Promise<RegistryCredential | undefined>;
}

/** The credentials of a user who has none. */
export const noCredentials: RegistryCredentials = { find: () => Promise.resolve(undefined) };
