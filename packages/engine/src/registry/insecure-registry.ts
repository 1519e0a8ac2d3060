import { parseImageReference, type EngineCall, type ImageReference } from "@molecule/core";
import { isLoopback } from "@molecule/node-edges";
import { hasLeft } from "../connection/cancellation.js";
import type { EngineConnection } from "../connection/engine-connection.js";
import { fieldsOf, textsOf, type Fields } from "../connection/json-fields.js";
import { isWithin } from "./is-within.js";

/**
 * Warns when the engine would speak with this reference's registry over plain http, or with an unchecked certificate,
 * and the registry is another machine. Asks the engine for its list; contacts no registry.
 */
export async function warnOfInsecureRegistry(
  connection: EngineConnection,
  written: string,
  { signal }: EngineCall,
): Promise<void> {
  const reference = parseImageReference(written);
  const { log, address } = connection;
  if (log === undefined || isLoopback(hostOf(reference))) return;
  if (!(await isInsecureRegistry(connection, reference, { signal }))) return;
  log.warn(
    "the engine does not verify this registry's identity: anybody on the network path can answer for it",
    {
      registry: reference.registry,
      engine: address,
      remedy: "give the registry a certificate and remove it from the engine's insecure registries",
    },
  );
}

/** Whether the engine would speak with that registry in such a way. False where the engine does not say. */
export async function isInsecureRegistry(
  connection: EngineConnection,
  reference: ImageReference,
  { signal }: EngineCall,
): Promise<boolean> {
  try {
    const info = fieldsOf(await connection.ask({ method: "GET", path: "/info", signal }));
    return isInsecure(reference, fieldsOf(info.RegistryConfig));
  } catch (error) {
    if (hasLeft(signal)) throw error;
    // A proxy in front of an engine may block this; the image can still be used.
    return false;
  }
}

/** As the engine decides it: by an entry for this registry, else by the ranges. */
function isInsecure(reference: ImageReference, config: Fields): boolean {
  const { registry, repository } = reference;
  // Podman's names may go on into the path.
  const entry = Object.entries(fieldsOf(config.IndexConfigs)).find(([name]) =>
    `${registry}/${repository}/`.startsWith(`${name}/`),
  );
  if (entry !== undefined) return fieldsOf(entry[1]).Secure === false;
  return isWithin(hostOf(reference), textsOf(config.InsecureRegistryCIDRs));
}

/** Without the port. */
export function hostOf({ registry }: ImageReference): string {
  return registry.replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1");
}
