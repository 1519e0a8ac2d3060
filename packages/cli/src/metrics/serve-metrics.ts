import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { PrometheusExporter } from "@opentelemetry/exporter-prometheus";
import { MeterProvider } from "@opentelemetry/sdk-metrics";
import { systemCode, systemWords, type Observer } from "@molecule/core";
import { openTelemetryObserver } from "@molecule/telemetry";
import type { ListenAddress } from "../options/listen-address.js";
import { usage } from "../options/usage.js";

/** A server of metrics for Prometheus, which runs until `close`. */
export interface ServedMetrics {
  /** Records the work that the metrics describe. */
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
  const { port } = server.address() as AddressInfo;
  return {
    observer: openTelemetryObserver({ meter: meters.getMeter("@molecule/telemetry") }),
    url: `http://${shownAddress({ ...address, port })}/metrics`,
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

/** The reasons that concern the address. */
const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: "the address is in use",
  EADDRNOTAVAIL: "this machine does not have the address",
  ENOTFOUND: "host not found",
};

async function listen(server: Server, address: ListenAddress): Promise<void> {
  const { host, port } = address;
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, host, () => {
        server.off("error", reject);
        // A connection that cannot be accepted fails one scrape, and must not end the command.
        server.on("error", () => undefined);
        resolve();
      });
    });
  } catch (error) {
    const code = systemCode(error);
    const why = code === undefined ? String(error) : (reasons[code] ?? systemWords(code));
    throw usage(
      `cannot serve metrics on ${shownAddress(address)}: ${why}`,
      "Choose another address for --metrics.",
    );
  }
}

function shownAddress({ host, port }: ListenAddress): string {
  return `${host.includes(":") ? `[${host}]` : host}:${String(port)}`;
}
