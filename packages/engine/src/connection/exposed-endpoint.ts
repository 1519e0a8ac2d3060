import { isLoopback } from "@molecule/node-edges";
import type { EngineEndpoint } from "./engine-endpoint.js";
import type { EngineLog } from "./log-once.js";

/** Whether an engine on another machine is reached without TLS or without verifying its certificate. */
export function isExposed(endpoint: EngineEndpoint): boolean {
  return endpoint.kind !== "unix" && endpoint.tls?.verify !== true && !isLoopback(endpoint.host);
}

/** How to fix a connection to an engine that has no verified TLS. */
export const exposureRemedy = "use TLS (usually port 2376), with DOCKER_TLS_VERIFY=1 and DOCKER_CERT_PATH";

/** Warns about such an engine. */
export function warnOfExposure(endpoint: EngineEndpoint, log: EngineLog | undefined): void {
  if (endpoint.kind === "unix" || !isExposed(endpoint)) return;
  log?.warn(
    "the connection to the engine is not encrypted: anybody on the network path can act as root on its machine",
    {
      engine: endpoint.address,
      tls: endpoint.tls === undefined ? "none" : "unchecked",
      hint: exposureRemedy,
    },
  );
}
