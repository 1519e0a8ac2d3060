import { parseImageReference } from "@molecule/core";
import { registryAuth } from "./credentials/registry-auth.js";
import type { Told } from "./credentials/told-to-registry.js";
import type { EngineRequest } from "./engine-request.js";

/** By which an engine asks the registry what it has under a reference. Podman's service knows no such request. */
export function distributionRequest(
  reference: string,
  told: Told,
  signal: AbortSignal | undefined,
): EngineRequest {
  const name = parseImageReference(reference).familiar.split("/").map(encodeURIComponent).join("/");
  return { method: "GET", path: `/distribution/${name}/json`, headers: registryAuth(told), signal };
}
