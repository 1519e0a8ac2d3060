import type { FastifyReply } from "fastify";
import type { WorkspaceEvent } from "./workspace.js";

/** Interval between heartbeats: proxies close connections that are idle for longer. */
const beatMs = 15_000;

export interface EventStream {
  /** Sends an event. A slow client misses progress and output that are not part of the history. */
  send(event: WorkspaceEvent, isHistory: boolean): void;
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
    send(event, isHistory) {
      // Otherwise progress and output fill memory. The history is bounded, and is written faster than a client reads.
      if (raw.writableNeedDrain && event.type !== "workspace" && !isHistory) return;
      raw.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
    },
  };
}
