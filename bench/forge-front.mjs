// A cache in front of the forge: API responses are stored, so that a request costs only its HTTP part, without the
// work of the forge behind it.
import { createServer, request } from "node:http";
import { once } from "node:events";

/** @returns its base URL, `forget` to call after a branch has moved, `seen` (API requests so far) and `stop` */
export async function startForgeFront(forgeUrl) {
  const target = new URL(forgeUrl);
  const kept = new Map();
  let seen = 0;
  const server = createServer((incoming, outgoing) => {
    const isApi = incoming.url.startsWith("/api/");
    if (isApi) seen += 1;
    const known = isApi ? kept.get(incoming.url) : undefined;
    if (known !== undefined) {
      outgoing.writeHead(known.status, known.headers).end(known.body);
      return;
    }
    const { method, url, headers } = incoming;
    const behind = request(
      { host: target.hostname, port: target.port, method, path: url, headers },
      (response) => {
        const chunks = [];
        outgoing.writeHead(response.statusCode, response.headers);
        response.on("data", (chunk) => isApi && chunks.push(chunk));
        response.on("end", () => {
          if (isApi)
            kept.set(url, {
              status: response.statusCode,
              headers: response.headers,
              body: Buffer.concat(chunks),
            });
        });
        response.pipe(outgoing);
      },
    );
    behind.on("error", () => outgoing.destroy());
    incoming.pipe(behind);
  });
  // Never closes a connection that is idle between two rounds.
  server.keepAliveTimeout = 600_000;
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    baseUrl: `http://127.0.0.1:${server.address().port}`,
    forget: () => kept.clear(),
    get seen() {
      return seen;
    },
    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}
