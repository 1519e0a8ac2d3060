import { join } from "node:path";
import { type Env } from "@molecule/core";
import { pathVariable } from "@molecule/node-edges";
import { contextEndpoint, currentContext, defaultContext } from "./docker-context.js";
import { dockerConfigDirectory } from "./docker-config.js";
import type { EngineEndpoint } from "./engine-endpoint.js";
import { defaultEngineAddress, parseEngineAddress } from "./parse-engine-address.js";
import { verifiedTls } from "./tls-material.js";

/** The inputs for finding the engine as the docker CLI does. */
export interface EngineSearch {
  readonly env: Env;
  /** The home directory. */
  readonly home: string;
  /** The configured address (`engine`). */
  readonly address?: string | undefined;
}

/**
 * Finds the engine as the docker CLI does: `DOCKER_HOST`, `DOCKER_CONTEXT`, then the configured address, then the
 * current context of the docker CLI, then the default socket. An empty string counts as unset. Reads files but contacts
 * nothing. Rejects with `CONFIG_INVALID`.
 */
export async function findEngineEndpoint({ env, home, address }: EngineSearch): Promise<EngineEndpoint> {
  const dockerConfig = dockerConfigDirectory(env, home);
  const readTls = async () =>
    set(env.DOCKER_TLS_VERIFY) === undefined
      ? undefined
      : verifiedTls(pathVariable(env, "DOCKER_CERT_PATH") ?? dockerConfig);
  const byContext = (name: string, origin: string) =>
    name === defaultContext ? byDefault() : contextEndpoint(name, origin, dockerConfig);
  // With TLS enabled and no host set, the CLI uses this machine's TLS port instead of the socket.
  const byDefault = () =>
    set(env.DOCKER_TLS_VERIFY) === undefined
      ? parseEngineAddress(defaultEngineAddress, "the default", readTls)
      : parseEngineAddress("tcp://localhost:2376", "DOCKER_TLS_VERIFY", readTls);

  const host = set(env.DOCKER_HOST);
  if (host !== undefined) return parseEngineAddress(host, "DOCKER_HOST", readTls);
  const context = set(env.DOCKER_CONTEXT);
  if (context !== undefined) return byContext(context, "DOCKER_CONTEXT");
  const configured = set(address);
  if (configured !== undefined)
    return parseEngineAddress(configured, "`engine` of the configuration", readTls);
  const current = await currentContext(dockerConfig);
  return byContext(current ?? defaultContext, join(dockerConfig, "config.json"));
}

function set(value: string | undefined): string | undefined {
  const trimmed = value?.trim();
  return trimmed === "" ? undefined : trimmed;
}
