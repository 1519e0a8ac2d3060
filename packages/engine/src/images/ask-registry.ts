import {
  parseImageReference,
  type EngineCall,
  type Fetch,
  type RegistryReply,
  type RegistryCredentials,
} from "@molecule/core";
import { askDistribution } from "./ask-distribution.js";
import { pullFailure } from "./classify-pull-failure.js";
import { withCredentialsFor } from "../credentials/with-credentials-for.js";
import { identifyEngine } from "../connection/describe-engine.js";
import type { EngineConnection } from "../connection/engine-connection.js";
import { EngineRefusal } from "../connection/engine-errors.js";
import { isExposedRegistry } from "../registry/insecure-registry.js";
import { queryManifest } from "../registry/query-manifest.js";
import { fieldsOf, textOf } from "../connection/json-fields.js";

/** The services that a query needs, in addition to the connection. */
export interface RegistryQuery {
  readonly credentials: RegistryCredentials;
  /** For Podman, whose service cannot query a registry. */
  readonly fetch?: Fetch | undefined;
}

/**
 * Queries the registry for an image. The engine sends the query, because it may reach other servers than this process.
 * Podman's service cannot do that, so this process sends it. Returns undefined if neither can.
 */
export async function askRegistry(
  connection: EngineConnection,
  reference: string,
  call: EngineCall,
  { credentials, fetch }: RegistryQuery,
): Promise<RegistryReply | undefined> {
  const { address } = connection;
  const isPodman = (await identifyEngine(connection, call)).kind === "podman";
  if (isPodman && fetch === undefined) return undefined;
  const digest = await withCredentialsFor(reference, credentials, call, async (sent) => {
    if (isPodman && fetch !== undefined)
      return (await queryManifest(reference, { connection, fetch, sent }, call)).digest;
    try {
      const { Descriptor } = await askDistribution(connection, reference, sent, call);
      return textOf(fieldsOf(Descriptor).digest);
    } catch (error) {
      throw error instanceof EngineRefusal ? pullFailure(error, { reference, address }, error) : error;
    }
  });
  const isInsecure = await isExposedRegistry(connection, parseImageReference(reference), call);
  return { digest, ...(isInsecure ? { isInsecure } : {}) };
}
