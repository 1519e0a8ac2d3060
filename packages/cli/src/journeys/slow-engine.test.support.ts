import { createServer, connect, type Socket } from "node:net";
import { join } from "node:path";
import { temporaryDirectory } from "@molecule/test-fixtures";

/** Proxies the engine at `address` through a socket that delays each inspection, each time longer. */
export async function slowEngine(
  address: string,
  delayMs: number,
): Promise<{ readonly address: string; stop(): Promise<void> }> {
  const directory = await temporaryDirectory();
  const path = join(directory.path, "slow.sock");
  const sockets = new Set<Socket>();
  let inspections = 0;
  const server = createServer((client) => {
    const engine = connect(new URL(address).pathname);
    for (const socket of [client, engine]) {
      sockets.add(socket);
      socket.on("error", () => undefined).on("close", () => sockets.delete(socket));
    }
    client.on("data", (bytes: Buffer) => {
      const isInspection = bytes.toString("latin1").startsWith("GET /containers/");
      setTimeout(() => engine.write(bytes), isInspection ? inspections++ * delayMs : 0);
    });
    client.on("close", () => engine.end());
    engine.pipe(client);
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return {
    address: `unix://${path}`,
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      await directory.remove();
    },
  };
}
