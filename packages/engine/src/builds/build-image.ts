import { unreportedWorkMs, type BuildRequest, type EngineCall } from "@molecule/core";
import { readBuildLog, type BuildLog } from "./build-log.js";
import type { Builder } from "./builder.js";
import { hasLeft } from "../connection/cancellation.js";
import { logVulnerableClassicBuilder } from "./classic-builder-hole.js";
import { offersBuildkit } from "../connection/describe-engine.js";
import type { EngineConnection } from "../connection/engine-connection.js";
import { answerNotUnderstood, EngineRefusal } from "../connection/engine-errors.js";
import { explainBuildFailure } from "./explain-build-failure.js";
import { foreignBaseFailure, type EndedBuild } from "./find-foreign-base.js";
import { inspectImage, removeImage } from "../images/image-calls.js";
import type { CredentialLender, LentCredentials } from "../credentials/lent-credentials.js";
import { StreamFailure, takeMessages } from "../connection/message-stream.js";
import { openBuild } from "./open-build.js";
import { watchCommits } from "./watch-commits.js";
import { watchContext } from "../connection/watch-context.js";

export interface BuildDependencies {
  /** Undefined selects the best builder that the engine offers. */
  readonly builder: Builder | undefined;
  /** Lends the credentials for base images. */
  readonly lender: CredentialLender;
}

/** Builds an untagged image. */
export async function buildImage(
  connection: EngineConnection,
  request: BuildRequest,
  { signal }: EngineCall,
  { builder, lender }: BuildDependencies,
): Promise<{ readonly imageId: string }> {
  const buildLog = readBuildLog(request.report);
  const context = watchContext(request.context);
  const lent = lender.lend(signal);
  const broken = AbortSignal.any([context.broken, lent.failed]);
  const stop = signal === undefined ? broken : AbortSignal.any([signal, broken]);
  let chosen = builder;
  try {
    chosen ??= await bestBuilder(connection, { signal: stop });
    // BuildKit fetches the files instead of reading the context.
    if (chosen === "buildkit" && request.files !== undefined) context.leave();
    await runBuild(connection, request, chosen, buildLog, lent, stop);
    const { imageId, bases } = buildLog;
    if (imageId === undefined) throw new StreamFailure("the build ended without an image", 0);
    const ended = { builder: chosen, request, bases, lent };
    await refuseForeignBase(connection, imageId, ended, stop);
    return { imageId };
  } catch (error) {
    if (broken.aborted && !hasLeft(signal)) throw broken.reason;
    if (hasLeft(signal) && buildLog.imageId === undefined) warnOfRunningStep(connection, buildLog.step);
    const explained =
      error instanceof StreamFailure ? error : connection.explain(error, { signal, repeatable: true });
    const reported =
      explained instanceof EngineRefusal
        ? { text: explained.text, code: 0 }
        : explained instanceof StreamFailure && explained;
    if (reported === false) throw explained;
    const attempt = { connection, builder: chosen, request, lent, signal: stop };
    const failure = await explainBuildFailure(reported, buildLog, explained, attempt);
    throw isOfOtherPlatform(reported.text) ? failure.with({ withoutCache: true }) : failure;
  } finally {
    context.release();
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
  lent: LentCredentials,
  signal: AbortSignal,
): Promise<void> {
  const build = await openBuild(connection, request, builder, { lent, signal });
  const commits = watchCommits(connection, buildLog.classic);
  // Podman reports neither the bytes of a base image nor when it commits a layer.
  if (connection.kind === "podman") request.report.allowIdle?.(unreportedWorkMs);
  try {
    await takeMessages(build.response, connection.address, request.report, (message) => {
      buildLog.take(message);
      commits.follow();
    });
  } catch (error) {
    if (error instanceof RangeError) throw answerNotUnderstood(connection.address, "a broken trace", error);
    throw error;
  } finally {
    commits.stop();
    buildLog.end();
    build.close();
  }
}
