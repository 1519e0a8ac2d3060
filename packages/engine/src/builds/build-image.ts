import {
  unreportedWorkMs,
  withRegistryCredentials,
  type BuildRequest,
  type EngineCall,
  type FindCredential,
  type RegistryCredential,
  type RegistryCredentials,
} from "@molecule/core";
import { readBuildLog, type BuildLog } from "./build-log.js";
import type { Builder } from "./builder.js";
import { hasLeft } from "../connection/cancellation.js";
import { logVulnerableClassicBuilder } from "./classic-builder-hole.js";
import { offersBuildkit } from "../connection/describe-engine.js";
import type { EngineConnection } from "../connection/engine-connection.js";
import { responseNotUnderstood, EngineRefusal } from "../connection/engine-errors.js";
import { explainBuildFailure } from "./explain-build-failure.js";
import { foreignBaseFailure, type EndedBuild } from "./find-foreign-base.js";
import { inspectImage, removeImage } from "../images/image-calls.js";
import { StreamFailure, takeMessages } from "../connection/message-stream.js";
import { openBuild, type OpenBuildOptions } from "./open-build.js";
import { watchCommits } from "./watch-commits.js";

export interface BuildDependencies {
  /** Undefined selects the best builder that the engine offers. */
  readonly builder: Builder | undefined;
  /** The credentials for base images. */
  readonly credentials: RegistryCredentials;
}

/** Builds an untagged image; repeats the build once if a registry refused credentials that have since changed. */
export function buildImage(
  connection: EngineConnection,
  request: BuildRequest,
  call: EngineCall,
  { builder, credentials }: BuildDependencies,
): Promise<{ readonly imageId: string }> {
  return withRegistryCredentials(credentials, call, (find) =>
    buildWith(find, connection, request, call, builder),
  );
}

async function buildWith(
  find: FindCredential,
  connection: EngineConnection,
  request: BuildRequest,
  { signal }: EngineCall,
  builder: Builder | undefined,
): Promise<{ readonly imageId: string }> {
  const buildLog = readBuildLog(request.report);
  // Aborts with the error of the context or of a credential lookup: the build must not continue without them.
  const broken = new AbortController();
  const fail = (error: unknown): void => {
    broken.abort(error);
  };
  const sent = new Map<string, RegistryCredential | undefined>();
  const credential: FindCredential = async (registry) => {
    const found = await find(registry).catch((error: unknown) => {
      fail(error);
      throw error;
    });
    sent.set(registry, found);
    return found;
  };
  const stop = signal === undefined ? broken.signal : AbortSignal.any([signal, broken.signal]);
  let chosen = builder;
  try {
    chosen ??= await bestBuilder(connection, { signal: stop });
    await runBuild(connection, request, chosen, buildLog, { credential, fail, signal: stop });
    const { imageId, bases } = buildLog;
    if (imageId === undefined) throw new StreamFailure("the build ended without an image", 0);
    const ended = { builder: chosen, request, bases, credential };
    await refuseForeignBase(connection, imageId, ended, stop);
    return { imageId };
  } catch (error) {
    if (broken.signal.aborted && !hasLeft(signal)) throw broken.signal.reason;
    if (hasLeft(signal) && buildLog.imageId === undefined) warnOfRunningStep(connection, buildLog.step);
    const explained =
      error instanceof StreamFailure ? error : connection.explain(error, { signal, repeatable: true });
    const reported =
      explained instanceof EngineRefusal
        ? { text: explained.text, code: 0 }
        : explained instanceof StreamFailure && explained;
    if (reported === false) throw explained;
    const attempt = { connection, builder: chosen, request, credential, sent, signal: stop };
    const failure = await explainBuildFailure(reported, buildLog, explained, attempt);
    throw isOfOtherPlatform(reported.text) ? failure.with({ withoutCache: true }) : failure;
  }
}

/** Rejects if a base image is for another platform, and removes the built image unless it is tagged. */
async function refuseForeignBase(
  connection: EngineConnection,
  imageId: string,
  build: EndedBuild,
  signal: AbortSignal,
): Promise<void> {
  const failure = await foreignBaseFailure(connection, build, { signal });
  if (failure === undefined) return;
  const made = await inspectImage(connection, imageId, { signal });
  if (made?.tags.length === 0) await removeImage(connection, imageId, { signal }).catch(() => undefined);
  throw failure;
}

/**
 * Measured on Podman 4.3.1: the builder notices a disconnected client only between two steps, and its API cannot cancel
 * a step.
 */
function warnOfRunningStep({ kind, log }: EngineConnection, step: string | undefined): void {
  if (kind !== "podman" || step === undefined) return;
  const hint = "remove leftover images with: podman image prune";
  log?.warn("Podman may still finish the build step that was running", { step, hint });
}

/**
 * Whether the classic builder failed on a step that it has cached for another platform. Measured on 20.10.24: `failed
 * to get destination image "sha256:…": image with reference sha256:… was found but does not match the specified
 * platform: wanted …`.
 */
function isOfOtherPlatform(text: string): boolean {
  return /^failed to get destination image .* does not (?:match|provide) the specified platform/.test(text);
}

async function bestBuilder(connection: EngineConnection, call: EngineCall): Promise<Builder> {
  if (await offersBuildkit(connection, call)) return "buildkit";
  await logVulnerableClassicBuilder(connection, call);
  return "classic";
}

async function runBuild(
  connection: EngineConnection,
  request: BuildRequest,
  builder: Builder,
  buildLog: BuildLog,
  options: OpenBuildOptions,
): Promise<void> {
  const build = await openBuild(connection, request, builder, options);
  const commits = watchCommits(connection, buildLog.classic);
  // Podman reports neither the bytes of a base image nor when it commits a layer.
  if (connection.kind === "podman") request.report.allowIdle?.(unreportedWorkMs);
  try {
    await takeMessages(build.response, connection.address, request.report, (message) => {
      buildLog.take(message);
      commits.follow();
    });
  } catch (error) {
    if (error instanceof RangeError) throw responseNotUnderstood(connection.address, "a broken trace", error);
    throw error;
  } finally {
    commits.stop();
    buildLog.end();
    build.close();
  }
}
