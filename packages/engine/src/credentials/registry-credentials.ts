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
 * Returns the credentials that the docker CLI would send to this registry; undefined if there are none. Runs a
 * configured helper on every call. Masks nothing: the caller must keep the result secret. Rejects with `CONFIG_INVALID`
 * or `SOURCE_DENIED` if an entry exists but cannot be used.
 * @param registry the host, with its port if it has one: `docker.io`, `127.0.0.1:5000`
 */
export async function registryCredentials(
  registry: string,
  edges: CredentialEdges,
): Promise<RegistryCredential | undefined> {
  const entry = await findCredentialEntry(registry, edges);
  return entry === undefined ? undefined : credentialOfEntry(entry, edges);
}

/** Returns the credentials of an entry. */
export async function credentialOfEntry(
  entry: CredentialEntry,
  edges: CredentialEdges,
  signal?: AbortSignal,
): Promise<RegistryCredential | undefined> {
  return entry.kind === "helper"
    ? askCredentialHelper(entry, edges, signal)
    : credentialOf(entry.fields, entry.from);
}
