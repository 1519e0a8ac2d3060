// Servers that count what hosts and build steps send.
import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { connect, createServer } from "node:net";

/** Starts a relay at `address` to a port on loopback. `bytes()` returns how many have passed through it, both ways. */
export async function startRelay(address, port) {
  let closed = 0;
  const clients = new Set();
  const passed = ({ bytesRead, bytesWritten }) => bytesRead + bytesWritten;
  const server = createServer((client) => {
    const target = connect(port, "127.0.0.1");
    clients.add(client);
    client.on("error", () => target.destroy()).pipe(target);
    target.on("error", () => client.destroy()).pipe(client);
    client.on("close", () => {
      clients.delete(client);
      closed += passed(client);
      target.destroy();
    });
  });
  await once(server.listen(0, address), "listening");
  return {
    port: server.address().port,
    bytes: () => [...clients].reduce((sum, client) => sum + passed(client), closed),
    stop: () => {
      server.close();
      for (const client of clients) client.destroy();
    },
  };
}

/** Starts an HTTP server at `address` that calls `onRequest(path, address of the client)`. */
export async function startStepServer(address, onRequest) {
  const server = createHttpServer(({ url, socket }, response) => {
    onRequest(url, socket.remoteAddress);
    response.end("ok\n");
  });
  await once(server.listen(0, address), "listening");
  return { url: `http://${address}:${server.address().port}`, stop: () => server.close() };
}
