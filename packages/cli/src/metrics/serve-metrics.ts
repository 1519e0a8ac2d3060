import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { PrometheusExporter } from "@opentelemetry/exporter-prometheus";
import { MeterProvider } from "@opentelemetry/sdk-metrics";
import { systemCode, type Observer } from "@molecule/core";
import { openTelemetryObserver } from "@molecule/telemetry";
import type { ListenAddress } from "../options/listen-address.js";
import { usage } from "../options/usage.js";

/** Metrics that Prometheus can read, until `close`. */
export interface ServedMetrics {
  /** Counts the work to show. */
  readonly observer: Observer;
  readonly url: string;
  close(): Promise<void>;
}

/** Serves `/metrics` at this address. Rejects with `USAGE` if it cannot listen there. */
export async function serveMetrics(address: ListenAddress): Promise<ServedMetrics> {
  const exporter = new PrometheusExporter({ preventServerStart: true, withoutTargetInfo: true });
  const meters = new MeterProvider({ readers: [exporter] });
  const server = createServer(metricsHandler(exporter));
  await listen(server, address);
  const host = address.host.includes(":") ? `[${address.host}]` : address.host;
  const { port } = server.address() as AddressInfo;
  return {
    observer: openTelemetryObserver({ meter: meters.getMeter("@molecule/telemetry") }),
    url: `http://${host}:${String(port)}/metrics`,
    async close() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => {
        server.close(() => {
          resolve();
        });
      });
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

async function listen(server: Server, { host, port }: ListenAddress): Promise<void> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, host, () => {
        server.off("error", reject);
        resolve();
      });
    });
  } catch (error) {
    const why = systemCode(error) === "EADDRINUSE" ? "the address is in use" : String(error);
    throw usage(
      `cannot serve metrics on ${host}:${String(port)}: ${why}`,
      "Choose another address for --metrics.",
    );
  }
}
