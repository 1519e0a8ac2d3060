import {
  defaultPlatform,
  noCredentials,
  type BuildRequest,
  type ContainerEngine,
  type RegistryCredentials,
} from "@molecule/core";
import { buildContextOf } from "@molecule/testkit";
import { keepReport } from "../builds/build-context.test.support.js";
import type { Builder } from "../builds/builder.js";
import { createDockerEngine } from "../docker-engine.js";
import { findEngineEndpoint } from "../connection/find-engine-endpoint.js";

/** Returns a client of the engine at an address that sends these credentials to registries. */
export function engineWith(
  address: string,
  builder: Builder | undefined,
  credentials: RegistryCredentials = noCredentials,
): ContainerEngine {
  const find = (): ReturnType<typeof findEngineEndpoint> =>
    findEngineEndpoint({ env: { DOCKER_HOST: address }, home: "/nonexistent" });
  return createDockerEngine(find, { ...(builder === undefined ? {} : { builder }), credentials });
}

/** Builds a Dockerfile; the context contains a file `x`. */
export function buildOf(
  engine: ContainerEngine,
  dockerfile: string,
  more: Partial<BuildRequest> = {},
): Promise<{ readonly imageId: string }> {
  return engine.buildImage({
    context: buildContextOf({ Dockerfile: dockerfile, x: "x" }),
    platform: defaultPlatform,
    labels: {},
    target: undefined,
    buildArgs: {},
    noCache: true,
    pullBases: true,
    report: keepReport(),
    ...more,
  });
}

/** Returns `success`, or the error code and whether it is transient. */
export async function outcomeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return "success";
  } catch (error) {
    const { code = String(error), transient = null } = error as { code?: string; transient?: unknown };
    return transient === null ? code : `${code}, transient`;
  }
}
