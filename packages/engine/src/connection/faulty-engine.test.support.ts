import {
  defaultPlatform,
  isImageSourceError,
  type BuildRequest,
  type ContainerEngine,
  type ImageSourceError,
} from "@molecule/core";
import { buildContextOf } from "@molecule/testkit";
import { keepReport } from "../builds/build-context.test.support.js";
import { createDockerEngine, type DockerEngineOptions } from "../docker-engine.js";
import { findEngineEndpoint } from "./find-engine-endpoint.js";

export function engineAt(address: string, options?: DockerEngineOptions): ContainerEngine {
  return createDockerEngine(
    () => findEngineEndpoint({ env: { DOCKER_HOST: address }, home: "/nonexistent" }),
    options,
  );
}

export function buildRequest(more: Partial<BuildRequest> = {}): BuildRequest {
  return {
    context: buildContextOf({}),
    platform: defaultPlatform,
    labels: {},
    target: undefined,
    buildArgs: {},
    noCache: true,
    pullBases: false,
    report: keepReport(),
    ...more,
  };
}

/**
 * Returns the error that the work fails with, and how long after `since` (in terms of `performance.now()`) it failed.
 */
export async function failureOf(
  work: Promise<unknown>,
  since: () => number = () => 0,
): Promise<{ readonly error: ImageSourceError; readonly afterMs: number }> {
  try {
    await work;
  } catch (error) {
    if (isImageSourceError(error)) return { error, afterMs: performance.now() - since() };
    throw error;
  }
  throw new Error("it did not fail");
}

/** Retries until it succeeds. */
export async function recovered<T>(work: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + 40_000;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
