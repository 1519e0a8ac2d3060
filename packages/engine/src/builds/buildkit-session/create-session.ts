import type { EngineConnection } from "../../connection/engine-connection.js";
import { serveGrpc } from "./serve-grpc.js";
import { sessionMethods, type SessionHandlers } from "./session-methods.js";

/** The channel through which BuildKit sends requests back to this process during a build. */
export interface BuildkitSession {
  /**
   * Opens a connection over which the engine sends requests to this process until the session is closed. Call it once.
   * Rejects like {@link EngineConnection.upgrade}.
   */
  open(signal: AbortSignal): Promise<void>;
  /** Closes the session and its connection. Idempotent. */
  close(): void;
}

/**
 * Prepares a session.
 * @param id the ID in the build request. BuildKit waits a few seconds for a session with that ID
 */
export function createSession(
  connection: EngineConnection,
  id: string,
  handlers: SessionHandlers,
): BuildkitSession {
  const methods = sessionMethods(handlers);
  let close = (): void => undefined;
  return {
    async open(signal) {
      // BuildKit requests a file under a known key only if its size or time differs, which does not prove that the file
      // is unchanged. A context without a key of its own therefore gets one per build.
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
      close = serveGrpc(socket, methods);
    },
    close: () => {
      close();
    },
  };
}
