import { readFile } from "node:fs/promises";
import { tokens, type ContainerEngine } from "@molecule/core";
import Fastify, { type FastifyInstance, type FastifyReply } from "fastify";
import type { Composition } from "./compose.js";
import type { WorkspaceEvent } from "./workspace.js";
import { Workspaces } from "./workspaces.js";

const page = new URL("../public/index.html", import.meta.url);
const healthDeadlineMs = 2_000;

interface ById {
  readonly Params: { readonly id: string };
}

/** The routes. Closing the server ends every workspace, then the image provider. */
export function createServer({ container, images }: Composition): FastifyInstance {
  const server = Fastify({ forceCloseConnections: true, ajv: { customOptions: { coerceTypes: false } } });
  const workspaces = container.resolve(Workspaces);
  const engine = container.resolve<ContainerEngine>(tokens.engine);

  server.get("/", async (_request, reply) => {
    reply.type("text/html; charset=utf-8");
    return readFile(page, "utf8");
  });

  server.get("/health", async (_request, reply) => {
    try {
      const { kind, version } = await engine.describe({ signal: AbortSignal.timeout(healthDeadlineMs) });
      return { ok: true, engine: { kind, version }, selection: images.selection };
    } catch (error) {
      reply.code(503);
      return { ok: false, message: error instanceof Error ? error.message : String(error) };
    }
  });

  server.get("/workspaces", async () => ({ workspaces: workspaces.list() }));

  server.post<{ Body: { readonly runtime: string } }>(
    "/workspaces",
    {
      schema: {
        body: {
          type: "object",
          required: ["runtime"],
          additionalProperties: false,
          properties: { runtime: { type: "string", minLength: 1, maxLength: 63 } },
        },
      },
    },
    async (request, reply) => {
      const workspace = workspaces.start(request.body.runtime);
      return reply.code(202).header("location", `/workspaces/${workspace.id}/events`).send(workspace);
    },
  );

  server.get<ById>("/workspaces/:id/events", (request, reply) => {
    const leave = workspaces.watch(request.params.id, (event) => {
      sendEvent(reply, event);
    });
    if (leave === undefined) return notFound(reply);
    request.raw.once("close", leave);
    return reply;
  });

  server.delete<ById>("/workspaces/:id", async (request, reply) => {
    if (!(await workspaces.remove(request.params.id))) return notFound(reply);
    return reply.code(204).send();
  });

  server.addHook("onClose", async () => {
    await workspaces.close();
    await images.close();
  });
  return server;
}

/** As server-sent events; the first one begins the answer. */
function sendEvent(reply: FastifyReply, event: WorkspaceEvent): void {
  if (!reply.raw.headersSent) {
    reply.hijack();
    reply.raw.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
  }
  reply.raw.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
}

function notFound(reply: FastifyReply): FastifyReply {
  return reply.code(404).send({ message: "there is no such workspace" });
}
