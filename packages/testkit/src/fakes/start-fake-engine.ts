import type { RequestListener } from "node:http";
import { join } from "node:path";
import { seenRequest, startHttpServer, type SeenRequest } from "../http/http-server.js";
import { temporaryDirectory } from "../files/temporary-directory.js";

/** A socket that responds like the engine that a test needs. */
export interface FakeEngine {
  /** For `DOCKER_HOST`: `unix://` and the path of its socket. */
  readonly address: string;
  /** Every request so far, in order of arrival. */
  readonly requests: readonly SeenRequest[];
  /** Closes every connection. */
  stop(): Promise<void>;
}

/** Starts a stand-in for a container engine that misbehaves. */
export async function startFakeEngine(handler: RequestListener): Promise<FakeEngine> {
  const directory = await temporaryDirectory();
  const socketPath = join(directory.path, "d.sock");
  const requests: SeenRequest[] = [];
  const server = await startHttpServer(
    (request, response) => {
      requests.push(seenRequest(request));
      handler(request, response);
    },
    { socketPath },
  );
  return {
    address: `unix://${socketPath}`,
    requests,
    stop: async () => {
      await server.stop();
      await directory.remove();
    },
  };
}
