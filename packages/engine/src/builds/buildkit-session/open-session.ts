import { randomUUID } from "node:crypto";
import type { EngineConnection } from "../../connection/engine-connection.js";
import { serveGrpc } from "./serve-grpc.js";
import { sessionMethods, type SessionAnswers } from "./session-methods.js";

/** Through which a build by BuildKit asks back. */
export interface BuildkitSession {
  /** What the build names it by. */
  readonly id: string;
  /** Ends it with its connection. May be repeated. */
  close(): void;
}

/**
 * Opens a session: a connection to the engine over which the engine sends requests to this process, until it is closed.
 * Rejects as {@link EngineConnection.upgrade} does.
 */
export async function openSession(
  connection: EngineConnection,
  answers: SessionAnswers,
  signal: AbortSignal,
): Promise<BuildkitSession> {
  const id = randomUUID();
  const methods = sessionMethods(answers);
  const socket = await connection.upgrade({
    method: "POST",
    path: "/session",
    headers: {
      connection: "Upgrade",
      upgrade: "h2c",
      "x-docker-expose-session-uuid": id,
      "x-docker-expose-session-name": "molecule",
      // What was fetched before under the same key is fetched again only where size or time differ. That is no proof that a
      // file is the same: each build has a key of its own.
      "x-docker-expose-session-sharedkey": id,
      "x-docker-expose-session-grpc-method": Object.keys(methods),
    },
    repeatable: true,
    signal,
  });
  return { id, close: serveGrpc(socket, methods) };
}
