import { isImageSourceError } from "@molecule/core";
import Fastify, { type FastifyInstance, type FastifyReply } from "fastify";
import type { Composition } from "./compose.js";
import { errorResponse } from "./error-response.js";
import { openEventStream } from "./event-stream.js";
import { Health } from "./health.js";
import { servePage } from "./page-files.js";
import { workspaceOf } from "./workspace.js";
import { Workspaces } from "./workspaces.js";

interface ById {
  readonly Params: { readonly id: string };
}

const workspaceRequest = {
  type: "object",
  required: ["runtime"],
  additionalProperties: false,
  properties: { runtime: { type: "string", minLength: 1, maxLength: 63 } },
} as const;

/** The routes. Closing the server ends every workspace, then the image provider. */
export function createServer({ container, images }: Composition): FastifyInstance {
  const server = Fastify({ forceCloseConnections: true, ajv: { customOptions: { coerceTypes: false } } });
  const workspaces = container.resolve(Workspaces);
  const health = container.resolve(Health);

  servePage(server);

  server.get("/health", async (_request, reply) => {
    const result = await health.check();
    return reply.code(result.ok ? 200 : 503).send(result);
  });

  server.get("/runtimes", async () => ({ runtimes: [...images.settings.runtimes] }));

  server.get("/workspaces", async () => ({ workspaces: workspaces.list() }));

  server.post<{ Body: { readonly runtime: string } }>(
    "/workspaces",
    { schema: { body: workspaceRequest } },
    async (request, reply) => {
      const workspace = workspaces.start(request.body.runtime);
      return reply.code(202).header("location", `/workspaces/${workspace.id}`).send(workspace);
    },
  );

  server.get<ById>(
    "/workspaces/:id",
    async (request, reply) => workspaces.find(request.params.id) ?? notFound(reply),
  );

  server.delete<ById>("/workspaces/:id", async (request, reply) => {
    if (!(await workspaces.remove(request.params.id))) return notFound(reply);
    return reply.code(204).send();
  });

  server.post<ById>("/workspaces/:id/retry", async (request, reply) => {
    const { id } = request.params;
    const workspace = workspaces.retry(id);
    if (workspace !== undefined) return reply.code(202).send(workspace);
    if (workspaces.find(id) === undefined) return notFound(reply);
    return reply.code(409).send({ message: "only a failed workspace can be retried" });
  });

  // One stream for all workspaces: a browser opens only six connections to a server.
  server.get<{ Querystring: { readonly workspace?: string } }>("/events", (request, reply) => {
    const { workspace: wanted } = request.query;
    if (wanted !== undefined && workspaces.find(wanted) === undefined) return notFound(reply);
    let leave = (): void => undefined;
    const stream = openEventStream(reply, () => leave());
    let isHistory = true;
    leave = workspaces.watch((event) => {
      if (wanted === undefined || wanted === workspaceOf(event)) stream.send(event, isHistory);
    });
    isHistory = false;
    return reply;
  });

  server.setErrorHandler((error, _request, reply) => {
    if (!isImageSourceError(error)) return reply.send(error);
    const { status, body } = errorResponse(error);
    return reply.code(status).send(body);
  });

  server.addHook("onClose", async () => {
    await workspaces.close();
    await images.close();
  });
  return server;
}

function notFound(reply: FastifyReply): FastifyReply {
  return reply.code(404).send({ message: "workspace not found" });
}
