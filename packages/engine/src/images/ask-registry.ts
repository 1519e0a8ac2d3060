import type { EngineCall, RegistryCredentials } from "@molecule/core";
import { askDistribution } from "./ask-distribution.js";
import { pullFailure } from "./classify-pull-failure.js";
import { withCredentialsFor } from "../credentials/with-credentials-for.js";
import { identifyEngine } from "../connection/describe-engine.js";
import type { EngineConnection } from "../connection/engine-connection.js";
import { EngineRefusal } from "../connection/engine-errors.js";
import { fieldsOf, textOf } from "../connection/json-fields.js";

/** Queries the registry for an image through the engine. Undefined on Podman, which does not support it. */
export async function askRegistry(
  connection: EngineConnection,
  reference: string,
  call: EngineCall,
  credentials: RegistryCredentials,
): Promise<{ readonly digest: string } | undefined> {
  const { address } = connection;
  if ((await identifyEngine(connection, call)).kind === "podman") return undefined;
  return withCredentialsFor(reference, credentials, call, async (sent) => {
    try {
      const { Descriptor } = await askDistribution(connection, reference, sent, call);
      return { digest: textOf(fieldsOf(Descriptor).digest) };
    } catch (error) {
      throw error instanceof EngineRefusal ? pullFailure(error, { reference, address }, error) : error;
    }
  });
}
