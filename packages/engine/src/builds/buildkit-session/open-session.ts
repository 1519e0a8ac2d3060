import { randomUUID } from "node:crypto";
import type { EngineConnection } from "../../connection/engine-connection.js";
import { serveGrpc } from "./serve-grpc.js";
import { sessionMethods, type SessionHandlers } from "./session-methods.js";

/** The channel through which BuildKit sends requests back to this process during a build. */
export interface BuildkitSession {
  /** The ID that a build request refers to. */
  readonly id: string;
  /** Closes the session and its connection. Idempotent. */
  close(): void;
}

/**
 * Opens a session: a connection to the engine over which the engine sends requests to this process until the session is
 * closed. Rejects like {@link EngineConnection.upgrade}.
 */
export async function openSession(
  connection: EngineConnection,
  handlers: SessionHandlers,
  signal: AbortSignal,
): Promise<BuildkitSession> {
  const id = randomUUID();
  const methods = sessionMethods(handlers);
  // BuildKit requests a file under a known key only if its size or time differs, which does not prove that the file is
  // unchanged. A context without a key of its own therefore gets one per build.
  const sharedKey = (await handlers.context.transferKey?.()) ?? id;
  const socket = await connection.upgrade({
    method: "POST",
    path: "/session",
    headers: {
      connection: "Upgrade",
      upgrade: "h2c",
      "x-docker-expose-session-uuid": id,
      "x-docker-expose-session-name": "molecule",
      "x-docker-expose-session-sharedkey": sharedKey,
      "x-docker-expose-session-grpc-method": Object.keys(methods),
    },
    repeatable: true,
    signal,
  });
  return { id, close: serveGrpc(socket, methods) };
}
