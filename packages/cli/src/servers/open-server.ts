import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { systemCode, systemWords } from "@molecule/core";
import type { ListenAddress } from "../options/listen-address.js";
import { usage } from "../options/usage.js";

/** An HTTP server that runs until `close`. */
export interface OpenServer {
  /** Without a path. */
  readonly url: string;
  close(): Promise<void>;
}

/** The address and the handler of a server. */
export interface ServerRequest {
  /** The option with the address, for errors. */
  readonly option: string;
  /** The object of `cannot serve … on …`, for errors. */
  readonly serves: string;
  readonly address: ListenAddress;
  readonly handler: RequestListener;
}

/** More connections than this are not accepted. */
const maxConnections = 64;

/** Opens the server. Rejects with `USAGE` if it cannot listen at the address. */
export async function openServer({ option, serves, address, handler }: ServerRequest): Promise<OpenServer> {
  const server = createServer({ headersTimeout: 10_000, requestTimeout: 30_000 }, handler);
  server.maxConnections = maxConnections;
  await listen(server, address).catch((error: unknown) => {
    const code = systemCode(error);
    const why = code === undefined ? String(error) : (reasons[code] ?? systemWords(code));
    throw usage(
      `cannot serve ${serves} on ${shownAddress(address)}: ${why}`,
      `Choose another address for ${option}.`,
    );
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${shownAddress({ ...address, port })}`,
    async close() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => {
        server.close(() => {
          resolve();
        });
      });
    },
  };
}

/** The reasons that concern the address. */
const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: "the address is in use",
  EADDRNOTAVAIL: "this machine does not have the address",
  ENOTFOUND: "host not found",
};

function listen(server: Server, { host, port }: ListenAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      // A connection that cannot be accepted fails one request, and must not end the command.
      server.on("error", () => undefined);
      resolve();
    });
  });
}

function shownAddress({ host, port }: ListenAddress): string {
  return `${host.includes(":") ? `[${host}]` : host}:${String(port)}`;
}
