import { parseImageReference, type EngineCall, type ImageReference } from "@molecule/core";
import { isLoopback } from "@molecule/node-edges";
import { hasLeft } from "../connection/cancellation.js";
import type { EngineConnection } from "../connection/engine-connection.js";
import { fieldsOf, textsOf, type Fields } from "../connection/json-fields.js";
import { isWithin } from "./is-within.js";
import { hostOf } from "./registry-host.js";

/**
 * Warns if the engine would use plain http or skip certificate verification for this reference's registry on another
 * machine. Reads the engine's list; contacts no registry.
 */
export async function warnOfInsecureRegistry(
  connection: EngineConnection,
  written: string,
  { signal }: EngineCall,
): Promise<void> {
  const reference = parseImageReference(written);
  const { log, address } = connection;
  if (log === undefined || !(await isExposedRegistry(connection, reference, { signal }))) return;
  log.warn(
    "the engine does not verify this registry's identity: anybody on the network path can impersonate it",
    {
      registry: reference.registry,
      engine: address,
      hint: "give the registry a certificate and remove it from the engine's insecure registries",
    },
  );
}

/** Whether the engine would use that registry insecurely, and it is on another machine. */
export async function isExposedRegistry(
  connection: EngineConnection,
  reference: ImageReference,
  call: EngineCall,
): Promise<boolean> {
  return !isLoopback(hostOf(reference)) && (await isInsecureRegistry(connection, reference, call));
}

/** Whether the engine would use that registry insecurely. False if the engine does not report it. */
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
    // A proxy in front of the engine may block this request; the image can still be used.
    return false;
  }
}

/** Decides as the engine does: by an entry for this registry, else by the address ranges. */
function isInsecure(reference: ImageReference, config: Fields): boolean {
  const { registry, repository } = reference;
  // Podman's entries may include a part of the path.
  const entry = Object.entries(fieldsOf(config.IndexConfigs)).find(([name]) =>
    `${registry}/${repository}/`.startsWith(`${name}/`),
  );
  if (entry !== undefined) return fieldsOf(entry[1]).Secure === false;
  return isWithin(hostOf(reference), textsOf(config.InsecureRegistryCIDRs));
}
