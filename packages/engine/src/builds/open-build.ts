import { configInvalid, type BuildRequest, type RegistryCredential } from "@molecule/core";
import { buildOptions } from "./build-options.js";
import type { Builder } from "./builder.js";
import { openDockerode } from "../connection/dockerode-client.js";
import type { EngineConnection } from "../connection/engine-connection.js";
import type { LentCredentials } from "../credentials/lent-credentials.js";
import { queryOf } from "../connection/query-of.js";
import { registryConfig } from "../credentials/registry-config.js";

/** A build in progress. */
export interface OpenBuild {
  /** The engine's messages. */
  readonly response: AsyncIterable<Uint8Array>;
  /** Releases the build's resources. */
  close(): void;
}

export interface OpenBuildOptions {
  readonly lent: LentCredentials;
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
  { lent, signal }: OpenBuildOptions,
): Promise<OpenBuild> {
  // Imported lazily: only builds need it, and other calls start faster without it.
  const { openSession } = await import("./buildkit-session/open-session.js");
  const { files, dockerfile, secrets = {} } = request;
  const credential = (registry: string) => lent.of(registry);
  const context = files === undefined ? undefined : { files, dockerfile };
  const session = await openSession(connection, { credential, secrets, context }, signal);
  try {
    const response = await connection.open({
      method: "POST",
      path: "/build",
      query: {
        ...queryOf(buildOptions(request, "buildkit")),
        session: session.id,
        ...(files === undefined ? {} : { remote: "client-session" }),
      },
      ...(files === undefined
        ? { headers: { "content-type": "application/x-tar" }, stream: request.context }
        : {}),
      // Repeating a build only adds to the engine's store.
      repeatable: true,
      signal,
    });
    return { response, close: () => session.close() };
  } catch (error) {
    session.close();
    throw error;
  }
}

async function openClassicBuild(
  connection: EngineConnection,
  request: BuildRequest,
  { lent, signal }: OpenBuildOptions,
): Promise<OpenBuild> {
  const { baseRegistries = [], secrets = {} } = request;
  if (Object.keys(secrets).length > 0) throw noSecrets(connection.address);
  const headers = registryConfig(await credentialsOf(baseRegistries, lent));
  const docker = await openDockerode(connection, signal, headers);
  const response = await docker.buildImage(request.context, buildOptions(request, "classic"));
  return { response: response as AsyncIterable<Buffer>, close: () => undefined };
}

async function credentialsOf(
  registries: readonly string[],
  lent: LentCredentials,
): Promise<ReadonlyMap<string, RegistryCredential>> {
  const found = new Map<string, RegistryCredential>();
  for (const registry of new Set(registries)) {
    const credential = await lent.of(registry);
    if (credential !== undefined) found.set(registry, credential);
  }
  return found;
}

function noSecrets(address: string): Error {
  return configInvalid(
    `the builder of the container engine at ${address} does not support build secrets`,
    "Unset the option `secrets`, or build with an engine that offers BuildKit (Docker 23 or newer) or with the source buildah.",
  );
}
