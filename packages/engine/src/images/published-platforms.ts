import type { EngineCall } from "@molecule/core";
import { askDistribution } from "./ask-distribution.js";
import type { SentCredentials } from "../credentials/explain-refusal.js";
import { hasLeft } from "../connection/cancellation.js";
import type { EngineConnection } from "../connection/engine-connection.js";
import { fieldsOf, textOf } from "../connection/json-fields.js";

/**
 * The platforms that an image is published for; empty where the engine cannot say it, as Podman's service cannot. Asks
 * the registry through the engine.
 */
export async function publishedPlatforms(
  connection: EngineConnection,
  reference: string,
  sent: SentCredentials,
  call: EngineCall,
): Promise<readonly string[]> {
  try {
    const answer = await askDistribution(connection, reference, sent, call);
    const platforms = Array.isArray(answer.Platforms) ? answer.Platforms.map(written) : [];
    // An index also lists attestations, which are not images.
    return [...new Set(platforms.filter((one) => !/^unknown\b|^\//.test(one)))].sort();
  } catch (error) {
    if (hasLeft(call.signal)) throw error;
    // It only says more of a failure that there is already.
    return [];
  }
}

function written(platform: unknown): string {
  const { os, architecture, variant } = fieldsOf(platform);
  return `${textOf(os)}/${textOf(architecture)}${textOf(variant) === "" ? "" : `/${textOf(variant)}`}`;
}
