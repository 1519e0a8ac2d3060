import type { FastifyReply } from "fastify";
import type { WorkspaceEvent } from "./workspace.js";

/** Interval between heartbeats: proxies close connections that are idle for longer. */
const beatMs = 15_000;

export interface EventStream {
  send(event: WorkspaceEvent): void;
}

/** Sends server-sent events until the client disconnects; then calls `onLeave` once. */
export function openEventStream(reply: FastifyReply, onLeave: () => void): EventStream {
  const { raw } = reply;
  reply.hijack();
  raw.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
  // Sent before the first event, so that the client knows it is connected.
  raw.flushHeaders();
  const beat = setInterval(() => raw.write(":\n\n"), beatMs);
  raw.once("close", () => {
    clearInterval(beat);
    onLeave();
  });
  return {
    send(event) {
      // A slow client misses progress and output, so that they do not fill memory. Workspace states are always sent.
      if (raw.writableNeedDrain && event.type !== "workspace") return;
      raw.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
    },
  };
}
