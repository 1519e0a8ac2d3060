import type { Env, RegistryCredential, Run } from "@molecule/core";
import { askCredentialHelper } from "./credential-helper.js";
import { findCredentialEntry, type CredentialEntry } from "./credential-entry.js";
import { credentialOf } from "./credential-fields.js";

/** Options for finding credentials. */
export interface CredentialEdges {
  readonly env: Env;
  /** The home directory. */
  readonly home: string;
  readonly run: Run;
}

/**
 * What the docker CLI would tell this registry; undefined: nothing. Asks a helper each time where one is configured.
 * No mask knows what it says: the caller has to keep it to itself.
 * Rejects with `CONFIG_INVALID` or `SOURCE_DENIED` where an entry exists and cannot be used.
 * @param registry the host, with its port where it has one: `docker.io`, `127.0.0.1:5000`
 */
export async function registryCredentials(
  registry: string,
  edges: CredentialEdges,
): Promise<RegistryCredential | undefined> {
  const entry = await findCredentialEntry(registry, edges);
  return entry === undefined ? undefined : credentialOfEntry(entry, edges);
}

/** The credentials of an entry. */
export async function credentialOfEntry(
  entry: CredentialEntry,
  edges: CredentialEdges,
  signal?: AbortSignal,
): Promise<RegistryCredential | undefined> {
  return entry.kind === "helper"
    ? askCredentialHelper(entry, edges, signal)
    : credentialOf(entry.fields, entry.from);
}
