import type { EngineCall } from "@molecule/core";
import { askDistribution } from "./ask-distribution.js";
import type { SentCredentials } from "../credentials/explain-refusal.js";
import { hasLeft } from "../connection/cancellation.js";
import type { EngineConnection } from "../connection/engine-connection.js";
import { fieldsOf, textOf } from "../connection/json-fields.js";

/**
 * Returns the platforms that an image is published for, requested from the registry through the engine; empty if the
 * engine does not support that, such as Podman's service.
 */
export async function publishedPlatforms(
  connection: EngineConnection,
  reference: string,
  sent: SentCredentials,
  call: EngineCall,
): Promise<readonly string[]> {
  try {
    const response = await askDistribution(connection, reference, sent, call);
    const platforms = Array.isArray(response.Platforms) ? response.Platforms.map(written) : [];
    // An index also lists attestations, which are not images.
    return [...new Set(platforms.filter((one) => !/^unknown\b|^\//.test(one)))].sort();
  } catch (error) {
    if (hasLeft(call.signal)) throw error;
    // The platforms only add detail to an existing failure.
    return [];
  }
}

function written(platform: unknown): string {
  const { os, architecture, variant } = fieldsOf(platform);
  return `${textOf(os)}/${textOf(architecture)}${textOf(variant) === "" ? "" : `/${textOf(variant)}`}`;
}
