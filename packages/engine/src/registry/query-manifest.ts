import { parseImageReference, type EngineCall, type Fetch } from "@molecule/core";
import { isLoopback } from "@molecule/node-edges";
import type { SentCredentials } from "../credentials/explain-refusal.js";
import type { EngineConnection } from "../connection/engine-connection.js";
import { hostOf, isInsecureRegistry } from "./insecure-registry.js";
import { readManifest, type RegistryManifest } from "./read-manifest.js";
import { type RegistryAccess } from "./registry-access.js";

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
    schemes: await schemes(reference, connection, { signal }),
  });
}

async function schemes(
  written: string,
  connection: EngineConnection,
  call: EngineCall,
): Promise<RegistryAccess["schemes"]> {
  const reference = parseImageReference(written);
  if (isLoopback(hostOf(reference))) return ["http", "https"];
  return (await isInsecureRegistry(connection, reference, call)) ? ["https", "http"] : ["https"];
}
