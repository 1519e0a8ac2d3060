/** What a registry is told, and which entry of the user's configuration said so. */
export type RegistryCredential = {
  /** The entry that answered (`credHelpers["ghcr.io"] of /home/me/.docker/config.json`); never what it answered. */
  readonly from: string;
} & ({ readonly username: string; readonly password: string } | { readonly identityToken: string });

/** The credentials of this user for registries; of each host its own, and no other. */
export interface RegistryCredentials {
  /**
   * Undefined: the registry is asked without any. Rejects with `CONFIG_INVALID` or `SOURCE_DENIED` where an entry is
   * there and cannot answer.
   * @param registry the host, with its port where it has one: `docker.io`, `127.0.0.1:5000`
   */
  find(
    registry: string,
    options?: {
      readonly signal?: AbortSignal | undefined;
      /** What was answered before has been refused: ask anew. */
      readonly fresh?: boolean;
    },
  ): Promise<RegistryCredential | undefined>;
}

/** Of a user who has none. */
export const noCredentials: RegistryCredentials = { find: () => Promise.resolve(undefined) };
