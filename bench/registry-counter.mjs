// Counts what clients send to and receive from a registry.
import { createServer, request } from "node:http";
import { once } from "node:events";

/** @returns `host`, `take` (the traffic since the last call) and `stop` */
export async function startRegistryCounter(registryHost) {
  const [host, port] = registryHost.split(":");
  const nothing = () => ({ pushes: 0, sent: 0, received: 0 });
  let seen = nothing();
  const server = createServer((incoming, outgoing) => {
    const { method, url, headers } = incoming;
    incoming.on("data", (chunk) => (seen.sent += chunk.length));
    const behind = request({ host, port, method, path: url, headers, agent: false }, (response) => {
      const isManifest = /\/manifests\/[^/]+$/.test(url);
      if (method === "PUT" && isManifest && response.statusCode === 201) seen.pushes += 1;
      outgoing.writeHead(response.statusCode, response.headers);
      response.on("data", (chunk) => (seen.received += chunk.length));
      response.pipe(outgoing);
    });
    behind.on("error", () => outgoing.destroy());
    incoming.pipe(behind);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    host: `127.0.0.1:${server.address().port}`,
    take() {
      const taken = seen;
      seen = nothing();
      return taken;
    },
    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}
