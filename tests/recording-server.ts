import { createServer, type AddressInfo, type Socket } from "node:net";

/** Another origin: records every byte it receives, and responds to every request with 404. */
export interface RecordingServer {
  /** `127.0.0.1:PORT`. */
  readonly host: string;
  received(): string;
  stop(): Promise<void>;
}

export async function startRecordingServer(): Promise<RecordingServer> {
  const chunks: Buffer[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("data", (chunk) => {
      chunks.push(chunk);
      socket.end("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    host: `127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    received: () => Buffer.concat(chunks).toString("latin1"),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        for (const socket of sockets) socket.destroy();
      }),
  };
}
