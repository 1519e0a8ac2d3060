import type { RequestListener } from "node:http";
import { PrometheusExporter } from "@opentelemetry/exporter-prometheus";
import { MeterProvider } from "@opentelemetry/sdk-metrics";
import type { Observer } from "@molecule/core";
import { openTelemetryObserver } from "@molecule/telemetry";
import type { ListenAddress } from "../options/listen-address.js";
import { openServer, type OpenServer } from "./open-server.js";
import { withHealth } from "./with-health.js";
import type { WatchHealth } from "./watch-health.js";

/** A server of metrics for Prometheus, which runs until `close`. */
export interface ServedMetrics extends OpenServer {
  /** Records the work that the metrics describe. */
  readonly observer: Observer;
}

/** Serves `/metrics` and `/health` at this address. Rejects with `USAGE` if it cannot listen there. */
export async function serveMetrics(address: ListenAddress, health: WatchHealth): Promise<ServedMetrics> {
  const exporter = new PrometheusExporter({ preventServerStart: true, withoutTargetInfo: true });
  const meters = new MeterProvider({ readers: [exporter] });
  const handler = withHealth(health, metricsHandler(exporter));
  const server = await openServer({ option: "--metrics", serves: "metrics", address, handler });
  return {
    observer: openTelemetryObserver({ meter: meters.getMeter("@molecule/telemetry") }),
    url: `${server.url}/metrics`,
    async close() {
      await server.close();
      await meters.shutdown();
    },
  };
}

function metricsHandler(exporter: PrometheusExporter): RequestListener {
  return (request, response) => {
    const [path] = (request.url ?? "").split("?");
    if (path !== "/metrics") return response.writeHead(404).end();
    if (request.method !== "GET") return response.writeHead(405, { allow: "GET" }).end();
    exporter.getMetricsRequestHandler(request, response);
  };
}
