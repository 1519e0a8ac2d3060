import {
  createKeyedLock,
  type Clock,
  type Log,
  type Mask,
  type RegistryCredential,
  type RegistryCredentials,
} from "@molecule/core";
import { cancellation, hasLeft } from "../connection/cancellation.js";
import { findCredentialEntry } from "./credential-entry.js";
import { credentialOfEntry, type CredentialEdges } from "./registry-credentials.js";

/** Additional options of a long-lived credential store. */
export interface RegistryCredentialsEdges extends CredentialEdges {
  readonly clock: Clock;
  /** Receives each secret before it is used anywhere. */
  readonly mask: Mask;
  readonly log: Pick<Log, "debug">;
}

/**
 * Short enough to notice a changed vault soon, long enough that many calls start few helpers. If a credential expires
 * earlier, the registry refuses it and it is requested again.
 */
const keptMs = 5 * 60_000;

interface CachedCredential {
  readonly credential: RegistryCredential;
  readonly at: number;
}

const never = new AbortController().signal;

/**
 * Creates a store of the docker CLI's credentials for a long-running process: it rereads the files each time, caches
 * what a helper returns for five minutes, and sends a helper one request at a time. It reads and runs nothing before
 * the first call.
 */
export function createRegistryCredentials(edges: RegistryCredentialsEdges): RegistryCredentials {
  const { clock, mask, log } = edges;
  const cache = new Map<string, CachedCredential>();
  const helpers = createKeyedLock();

  async function find(
    registry: string,
    signal: AbortSignal,
    isUsable: (known: CachedCredential) => boolean,
  ): Promise<RegistryCredential | undefined> {
    const entry = await findCredentialEntry(registry, edges);
    if (entry === undefined) return undefined;
    if (entry.kind === "fields") return credentialOfEntry(entry, edges);
    const key = JSON.stringify([entry.helper, entry.server, entry.from]);
    const known = (): RegistryCredential | undefined => {
      const one = cache.get(key);
      return one !== undefined && isUsable(one) ? one.credential : undefined;
    };
    const before = known();
    if (before !== undefined) return before;
    const release = await helpers.take(entry.helper, signal);
    try {
      // An earlier caller may have fetched the same credential.
      const fetched = known();
      if (fetched !== undefined) return fetched;
      const at = clock.monotonicMs();
      const credential = await credentialOfEntry(entry, edges, signal);
      if (credential === undefined) cache.delete(key);
      else cache.set(key, { credential, at });
      return credential;
    } finally {
      await release();
    }
  }

  return {
    async find(registry, { signal = never, fresh = false } = {}) {
      const startedAt = clock.monotonicMs();
      const since = fresh ? startedAt : startedAt - keptMs;
      try {
        const credential = await find(registry, signal, ({ at }) => at >= since);
        if (credential !== undefined) conceal(mask, credential);
        log.debug("credentials for a registry", { registry, from: credential?.from ?? "nowhere" });
        return credential;
      } catch (error) {
        throw hasLeft(signal) ? cancellation(signal) : error;
      }
    },
  };
}

function conceal(mask: Mask, credential: RegistryCredential): void {
  if ("identityToken" in credential) {
    mask.add(credential.identityToken);
    return;
  }
  const { username, password } = credential;
  mask.add(password);
  // Also as encoded in the file and in the request header, where a short password would otherwise go unmasked.
  mask.add(Buffer.from(`${username}:${password}`).toString("base64"));
}
