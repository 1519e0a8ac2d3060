import { isLoopback } from "@molecule/node-edges";
import type { EngineEndpoint } from "./engine-endpoint.js";
import type { EngineLog } from "./log-once.js";

/** Warns about an engine on another machine that is reached without TLS or without verifying its certificate. */
export function warnOfExposure(endpoint: EngineEndpoint, log: EngineLog | undefined): void {
  if (endpoint.kind === "unix" || endpoint.tls?.verify === true || isLoopback(endpoint.host)) return;
  const facts = { engine: endpoint.address, tls: endpoint.tls === undefined ? "none" : "unchecked" };
  log?.warn(
    "the connection to the engine is not encrypted: anybody on the network path can act as root on its machine",
    {
      ...facts,
      remedy: "use TLS (usually port 2376), with DOCKER_TLS_VERIFY=1 and DOCKER_CERT_PATH",
    },
  );
}
