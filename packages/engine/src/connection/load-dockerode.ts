import { ImageSourceError } from "@molecule/core";
import type Dockerode from "dockerode";

const notFoundCodes = new Set<unknown>(["ERR_MODULE_NOT_FOUND", "MODULE_NOT_FOUND"]);

/**
 * Returns the constructor of dockerode, which is an optional peer dependency: only classic builds need it, and it
 * brings gRPC and ssh2. Rejects with `TOOL_MISSING` if it is not installed.
 * @param address the engine to build on, for the message
 */
export async function loadDockerode(
  address: string,
  load: () => Promise<typeof Dockerode> = importDockerode,
): Promise<typeof Dockerode> {
  try {
    return await load();
  } catch (error) {
    if (!notFoundCodes.has((error as { readonly code?: unknown }).code)) throw error;
    throw new ImageSourceError({
      code: "TOOL_MISSING",
      message: `cannot build on the engine at ${address}: it has no BuildKit, and the package dockerode is not installed`,
      hint: "Run `npm install dockerode` in the application, or build with an engine that offers BuildKit (Docker 23 or newer).",
      cause: error,
    });
  }
}

async function importDockerode(): Promise<typeof Dockerode> {
  return (await import("dockerode")).default;
}
