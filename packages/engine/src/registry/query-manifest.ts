import { parseImageReference, type EngineCall, type Fetch } from "@molecule/core";
import type { SentCredentials } from "../credentials/explain-refusal.js";
import type { EngineConnection } from "../connection/engine-connection.js";
import { isInsecureRegistry } from "./insecure-registry.js";
import { readManifest, type RegistryManifest } from "./read-manifest.js";
import { registrySchemes } from "./registry-access.js";

/** Options for querying a registry directly, without the engine. */
export interface ManifestQuery {
  readonly connection: EngineConnection;
  readonly fetch: Fetch;
  readonly sent: SentCredentials;
}

const never = new AbortController().signal;

/** Queries the registry for the manifest of a reference, over the schemes that the engine would use. */
export async function queryManifest(
  reference: string,
  { connection, fetch, sent }: ManifestQuery,
  { signal = never }: EngineCall,
): Promise<RegistryManifest> {
  return readManifest(reference, {
    fetch,
    sent,
    signal,
    schemes: await registrySchemes(reference, () =>
      isInsecureRegistry(connection, parseImageReference(reference), { signal }),
    ),
  });
}
