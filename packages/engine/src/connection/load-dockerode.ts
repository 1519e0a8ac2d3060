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
    const missing = missingPackage(error) ?? "dockerode";
    const [which, remedy] =
      missing === "dockerode"
        ? ["the package dockerode", "Run `npm install dockerode` in the application"]
        : [`the package ${missing}, which dockerode needs,`, "Reinstall dockerode with its dependencies"];
    throw new ImageSourceError({
      code: "TOOL_MISSING",
      message: `cannot build on the engine at ${address}: it has no BuildKit, and ${which} is not installed`,
      hint: `${remedy}, or build with an engine that has BuildKit (Docker 20.10 or newer, unless it is turned off).`,
      cause: error,
    });
  }
}

/** Returns the package that Node did not find: its message is the only place that names it. */
function missingPackage(error: unknown): string | undefined {
  const [, name] =
    /^Cannot find (?:package|module) '((?:@[^/']+\/)?[^/']+)[^']*'/.exec((error as Error).message) ?? [];
  return name;
}

async function importDockerode(): Promise<typeof Dockerode> {
  return (await import("dockerode")).default;
}
