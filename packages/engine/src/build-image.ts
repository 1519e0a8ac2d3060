import type { ImageBuildOptions } from "dockerode";
import type { BuildRequest, EngineCall, RegistryCredentials } from "@molecule/core";
import { buildFailure } from "./build-failure.js";
import { narrateBuild, type BuildNarration } from "./build-narration.js";
import { hasLeft } from "./cancellation.js";
import { tellOfClassicBuilder } from "./classic-builder-hole.js";
import { offersBuildkit } from "./describe-engine.js";
import { openDockerode } from "./dockerode-client.js";
import type { EngineConnection } from "./engine-connection.js";
import { answerNotUnderstood, EngineRefusal } from "./engine-errors.js";
import { fieldsOf } from "./json-fields.js";
import { readMessages, StreamFailure } from "./message-stream.js";
import { watchContext } from "./watch-context.js";

export type Builder = "buildkit" | "classic";

export interface BuildMeans {
  /** Undefined: the engine's best. */
  readonly builder: Builder | undefined;
  /** For base images. */
  readonly credentials: RegistryCredentials;
}

/** Builds an image without a name. */
export async function buildImage(
  connection: EngineConnection,
  request: BuildRequest,
  { signal }: EngineCall,
  { builder }: BuildMeans,
): Promise<{ readonly imageId: string }> {
  const { address } = connection;
  const narration = narrateBuild(request.report);
  const context = watchContext(request.context);
  const stop = signal === undefined ? context.broken : AbortSignal.any([signal, context.broken]);
  try {
    const chosen = builder ?? (await bestBuilder(connection, { signal: stop }));
    await runBuild(connection, request, chosen, narration, stop);
    if (narration.imageId !== undefined) return { imageId: narration.imageId };
    throw new StreamFailure("it ended without an image", 0);
  } catch (error) {
    if (context.broken.aborted && !hasLeft(signal)) throw context.broken.reason;
    const meant =
      error instanceof StreamFailure ? error : connection.explain(error, { signal, repeatable: true });
    if (meant instanceof StreamFailure) throw buildFailure(meant, narration, address, meant);
    if (meant instanceof EngineRefusal)
      throw buildFailure({ text: meant.text, code: 0 }, narration, address, meant);
    throw meant;
  } finally {
    context.release();
  }
}

async function bestBuilder(connection: EngineConnection, call: EngineCall): Promise<Builder> {
  if (await offersBuildkit(connection, call)) return "buildkit";
  await tellOfClassicBuilder(connection, call);
  return "classic";
}

async function runBuild(
  connection: EngineConnection,
  request: BuildRequest,
  builder: Builder,
  narration: BuildNarration,
  signal: AbortSignal,
): Promise<void> {
  const client = await openDockerode(connection, signal);
  try {
    const answer = await client.docker.buildImage(request.context, buildOptions(request, builder));
    for await (const message of readMessages(answer as AsyncIterable<Buffer>, connection.address)) {
      narration.take(fieldsOf(message));
    }
  } catch (error) {
    if (error instanceof RangeError) throw answerNotUnderstood(connection.address, "a broken trace", error);
    throw error;
  } finally {
    narration.end();
    client.release();
  }
}

function buildOptions(request: BuildRequest, builder: Builder): ImageBuildOptions {
  const { dockerfile, platform, labels, buildArgs, target, noCache, pullBases } = request;
  return {
    version: builder === "buildkit" ? "2" : "1",
    dockerfile,
    platform,
    labels: { ...labels },
    buildargs: { ...buildArgs },
    rm: true,
    ...(builder === "classic" ? { forcerm: true } : {}),
    ...(target === undefined ? {} : { target }),
    ...(noCache ? { nocache: true } : {}),
    ...(pullBases ? { pull: true } : {}),
  };
}
