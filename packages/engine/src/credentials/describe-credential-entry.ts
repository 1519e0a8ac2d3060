import type { CredentialEdges } from "./registry-credentials.js";
import { findCredentialEntry } from "./credential-entry.js";

/** Where the credentials for a registry come from, without the credentials. */
export interface DescribedCredentialEntry {
  /** For example `credHelpers["ghcr.io"] of /home/me/.docker/config.json`. */
  readonly from: string;
  /** The helper that would run; undefined if the entry itself contains the credentials. */
  readonly helper: string | undefined;
}

/**
 * Returns the entry of the docker configuration for a registry; undefined if there is none. Runs no helper and reveals
 * no secret. Rejects with `CONFIG_INVALID` if the configuration cannot be read.
 * @param registry the host, with its port if it has one: `docker.io`, `127.0.0.1:5000`
 */
export async function describeCredentialEntry(
  registry: string,
  edges: Pick<CredentialEdges, "env" | "home">,
): Promise<DescribedCredentialEntry | undefined> {
  const entry = await findCredentialEntry(registry, edges);
  if (entry === undefined) return undefined;
  return {
    from: entry.from,
    helper: entry.kind === "helper" ? `docker-credential-${entry.helper}` : undefined,
  };
}
