import type { FastifyReply } from "fastify";
import type { WorkspaceEvent } from "./workspace.js";

/** Proxies close what is silent for longer. */
const beatMs = 15_000;

export interface EventStream {
  send(event: WorkspaceEvent): void;
}

/** Sends server-sent events until the client disconnects; then calls `onLeave` once. */
export function openEventStream(reply: FastifyReply, onLeave: () => void): EventStream {
  const { raw } = reply;
  reply.hijack();
  raw.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
  // Before there is anything to tell, so that the other side knows that it is connected.
  raw.flushHeaders();
  const beat = setInterval(() => raw.write(":\n\n"), beatMs);
  raw.once("close", () => {
    clearInterval(beat);
    onLeave();
  });
  return {
    send(event) {
      // Who reads too slowly misses progress rather than filling this process's memory; how things stand is never left out.
      if (raw.writableNeedDrain && event.type === "progress") return;
      raw.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
    },
  };
}
