import {
  configInvalid,
  runTogether,
  type BuildRequest,
  type FindCredential,
  type RegistryCredential,
} from "@molecule/core";
import { buildOptions } from "./build-options.js";
import type { Builder } from "./builder.js";
import { identifyEngine } from "../connection/describe-engine.js";
import { openDockerode } from "../connection/dockerode-client.js";
import type { EngineConnection } from "../connection/engine-connection.js";
import { queryOf } from "../connection/query-of.js";
import { registryConfig } from "../credentials/registry-config.js";
import type { BuildkitSession } from "./buildkit-session/create-session.js";
import { watchContext } from "./buildkit-session/watch-context.js";
import { watchStream } from "../connection/watch-stream.js";

/** A build in progress. */
export interface OpenBuild {
  /** The engine's messages. */
  readonly response: AsyncIterable<Uint8Array>;
  /** Releases the build's resources. */
  close(): void;
}

export interface OpenBuildOptions {
  readonly credential: FindCredential;
  /** Ends the build with this error. */
  readonly fail: (error: unknown) => void;
  readonly signal: AbortSignal;
}

/**
 * Starts a build with the given builder. BuildKit requests files, credentials and secrets as it needs them. The classic
 * builder is sent the credentials of the registries that the request names up front, and supports no secrets
 * (`CONFIG_INVALID`).
 */
export function openBuild(
  connection: EngineConnection,
  request: BuildRequest,
  builder: Builder,
  options: OpenBuildOptions,
): Promise<OpenBuild> {
  return builder === "buildkit"
    ? openBuildkitBuild(connection, request, options)
    : openClassicBuild(connection, request, options);
}

async function openBuildkitBuild(
  connection: EngineConnection,
  request: BuildRequest,
  { credential, fail, signal }: OpenBuildOptions,
): Promise<OpenBuild> {
  const { secrets = {} } = request;
  const context = watchContext(request.context, fail);
  const { randomUUID } = await import("node:crypto");
  const id = randomUUID();
  let session: BuildkitSession | undefined;
  try {
    const [response] = await runTogether(
      signal,
      (both) =>
        connection.open({
          method: "POST",
          path: "/build",
          query: {
            ...queryOf(buildOptions(request, "buildkit", context.dockerfile)),
            session: id,
            remote: "client-session",
          },
          // Repeating a build only adds to the engine's store.
          repeatable: true,
          signal: both,
        }),
      async (both: AbortSignal) => {
        // After the build request has been sent, because the engine needs the session a little later.
        await new Promise((resolve) => setImmediate(resolve));
        // Imported lazily: only builds need it, and other calls start faster without it.
        const { createSession } = await import("./buildkit-session/create-session.js");
        session = createSession(connection, id, { credential, secrets, context });
        await session.open(both);
      },
    );
    return { response, close: () => session?.close() };
  } catch (error) {
    session?.close();
    throw error;
  }
}

async function openClassicBuild(
  connection: EngineConnection,
  request: BuildRequest,
  { credential, fail, signal }: OpenBuildOptions,
): Promise<OpenBuild> {
  const { baseRegistries = [], secrets = {} } = request;
  if (Object.keys(secrets).length > 0) throw noSecrets(connection.address);
  const headers = registryConfig(await credentialsOf(baseRegistries, credential));
  const docker = await openDockerode(connection, signal, headers);
  const { kind } = await identifyEngine(connection, { signal });
  const { stream, dockerfile, excludes } = await request.context.archive(kind).catch((error: unknown) => {
    fail(error);
    throw error;
  });
  const close = watchStream(stream, fail);
  try {
    // Only Podman supports excludes; Docker ignores them.
    const more = excludes.length > 0 ? { excludes: JSON.stringify(excludes) } : {};
    const response = await docker.buildImage(stream, {
      ...buildOptions(request, "classic", dockerfile),
      ...more,
    });
    return { response: response as AsyncIterable<Buffer>, close };
  } catch (error) {
    close();
    throw error;
  }
}

async function credentialsOf(
  registries: readonly string[],
  credential: FindCredential,
): Promise<ReadonlyMap<string, RegistryCredential>> {
  const found = new Map<string, RegistryCredential>();
  for (const registry of new Set(registries)) {
    const one = await credential(registry);
    if (one !== undefined) found.set(registry, one);
  }
  return found;
}

function noSecrets(address: string): Error {
  return configInvalid(
    `the builder of the container engine at ${address} does not support build secrets`,
    "Unset the option `secrets`, or build with an engine that has BuildKit (Docker 20.10 or newer, unless it is turned off) or with the source buildah.",
  );
}
