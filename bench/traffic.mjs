// Counts what passes between clients and a server.
import { once } from "node:events";
import { connect, createServer } from "node:net";

/** Connections without a request are closed after this time, as servers do within the minutes between two polls. */
const idleMs = 400;

/** @returns its base URL, `take` (the traffic since the last call) and `stop` */
export async function startTrafficCounter(targetUrl) {
  const { hostname, port } = new URL(targetUrl);
  let seen = { connections: 0, requests: 0, sent: 0, received: 0 };
  const open = new Set();
  const server = createServer((client) => {
    const behind = connect({ host: hostname, port: Number(port) });
    open.add(client).add(behind);
    seen.connections += 1;
    let idle;
    client.on("data", (chunk) => {
      clearTimeout(idle);
      seen.sent += chunk.length;
      // Every request of these clients starts a chunk: none is sent before the response to the last one.
      if (/^[A-Z]+ \S+ HTTP\/1\.1\r\n/.test(chunk.toString("latin1"))) seen.requests += 1;
    });
    behind.on("data", (chunk) => {
      clearTimeout(idle);
      idle = setTimeout(() => client.end(), idleMs);
      seen.received += chunk.length;
    });
    for (const [from, to] of [
      [client, behind],
      [behind, client],
    ]) {
      from.on("error", () => to.destroy());
      from.on("close", () => {
        clearTimeout(idle);
        open.delete(from);
        to.destroy();
      });
      from.pipe(to);
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    baseUrl: `http://127.0.0.1:${server.address().port}`,
    take() {
      const taken = seen;
      seen = { connections: 0, requests: 0, sent: 0, received: 0 };
      return taken;
    },
    async stop() {
      server.close();
      for (const socket of open) socket.destroy();
      await once(server, "close");
    },
  };
}
