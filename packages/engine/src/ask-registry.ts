import { parseImageReference, type EngineCall, type RegistryCredentials } from "@molecule/core";
import { pullFailure } from "./classify-pull-failure.js";
import { registryAuth } from "./credentials/registry-auth.js";
import { toldToRegistry } from "./credentials/told-to-registry.js";
import { identifyEngine } from "./describe-engine.js";
import type { EngineConnection } from "./engine-connection.js";
import { EngineRefusal } from "./engine-errors.js";
import { fieldsOf, textOf } from "./json-fields.js";

/** Has the engine ask the registry for an image. Undefined on Podman, which has no such request. */
export async function askRegistry(
  connection: EngineConnection,
  reference: string,
  call: EngineCall,
  credentials: RegistryCredentials,
): Promise<{ readonly digest: string } | undefined> {
  const { address } = connection;
  if ((await identifyEngine(connection, call)).kind === "podman") return undefined;
  const name = parseImageReference(reference).familiar.split("/").map(encodeURIComponent).join("/");
  return toldToRegistry(reference, credentials, call, async (credential, registry) => {
    try {
      const headers = registryAuth(credential, registry);
      const request = {
        method: "GET",
        path: `/distribution/${name}/json`,
        headers,
        signal: call.signal,
      } as const;
      return { digest: textOf(fieldsOf(fieldsOf(await connection.ask(request)).Descriptor).digest) };
    } catch (error) {
      throw error instanceof EngineRefusal ? pullFailure(error, { reference, address }, error) : error;
    }
  });
}
