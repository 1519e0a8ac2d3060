import { parseImageReference, type EngineCall } from "@molecule/core";
import { registryAuth } from "../credentials/registry-auth.js";
import type { SentCredentials } from "../credentials/explain-refusal.js";
import type { EngineConnection } from "../connection/engine-connection.js";
import { fieldsOf, type Fields } from "../connection/json-fields.js";

/** Returns a registry's description of an image, requested through the engine. Podman's service does not support it. */
export async function askDistribution(
  connection: EngineConnection,
  reference: string,
  sent: SentCredentials,
  { signal }: EngineCall,
): Promise<Fields> {
  const { familiar } = parseImageReference(reference);
  const path = `/distribution/${familiar.split("/").map(encodeURIComponent).join("/")}/json`;
  return fieldsOf(await connection.ask({ method: "GET", path, headers: registryAuth(sent), signal }));
}
